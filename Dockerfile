# One image per service: docker build --build-arg SERVICE=edge -t unigate-edge:0.1.0 .
# The base is pinned by digest; another one, a mirror's for example: --build-arg BASE=registry.example.com/python:3.13-slim@sha256:…
# It is left behind: the image holds Python, the libraries that it loads and the service, but neither shell nor package manager.
ARG BASE=python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8

# the interpreter's own root file system: the same layer for every service
FROM ${BASE} AS system
COPY deploy/image/system.py /build/
RUN python3 /build/system.py /system \
    && stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') \
    && python3 -m compileall -q -s /system -p / --invalidation-mode unchecked-hash "/system${stdlib}" \
    && find /system -exec touch -h -d @315532800 {} +

FROM ${BASE} AS tools
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_QUIET=1 PIP_REQUIRE_VIRTUALENV=1
WORKDIR /src
COPY requirements/build.txt requirements/
RUN python3 -m venv /tools && /tools/bin/pip install --require-hashes --only-binary :all: -r requirements/build.txt

# the service's own part of the lock
FROM tools AS locked
ARG SERVICE
COPY requirements/runtime.txt requirements/
COPY tools/__init__.py tools/discovery.py tools/locked.py tools/
COPY packages packages
COPY services services
RUN test -n "${SERVICE}" || { echo "name a service: --build-arg SERVICE=edge" >&2; exit 1; }; \
    python3 -m tools.locked "${SERVICE}" > /locked.txt; python3 -m tools.locked --packages "${SERVICE}" > /packages.txt

# what services depend on: services with the same part of the lock share the layer, and a release of our code alone keeps it
FROM tools AS dependencies
COPY --from=locked /locked.txt /
RUN python3 -m venv --without-pip /opt/unigate \
    && /tools/bin/pip --python /opt/unigate install --no-compile --require-hashes --only-binary :all: -r /locked.txt \
    && find /opt/unigate/bin -type f -delete \
    && find /opt/unigate -type d \( -name tests -o -name test \) -path '*/site-packages/*' -prune -exec rm -rf {} + \
    && find /opt/unigate -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.c' -o -name '*.h' \) -delete \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/unigate/lib \
    && find /opt/unigate -exec touch -h -d @315532800 {} +

# the service's own code, and the bill of all that the image holds
FROM dependencies AS service
ARG SERVICE
ARG VERSION=0.1.0
COPY packages packages
COPY services services
COPY deploy/image deploy/image
COPY --from=locked /packages.txt /
COPY --from=system /system/var/lib/dpkg/status.d /system/var/lib/dpkg/status.d
RUN /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels $(cat /packages.txt) "services/${SERVICE}" \
    && site=$(/opt/unigate/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
    && /tools/bin/pip install --no-index --no-deps --no-compile --target "/service${site}" /wheels/*.whl \
    && mkdir -p /service/opt/unigate/bin /service/usr/share/sbom \
    && cp deploy/image/serve.py deploy/image/healthcheck.py /service/opt/unigate/bin/ \
    && PYTHONPATH="/service${site}" /opt/unigate/bin/python deploy/image/bom.py "${SERVICE}" "${VERSION}" /system \
       > "/service/usr/share/sbom/unigate.cdx.json" \
    && python3 -m compileall -q -s /service -p / --invalidation-mode unchecked-hash "/service${site}" \
    && find /service -exec touch -h -d @315532800 {} +

FROM scratch
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1980-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="unigate-${SERVICE}" \
      org.opencontainers.image.description="One OpenAI-format API in front of many LLM providers: its service ${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=system /system /
COPY --from=dependencies /opt/unigate /opt/unigate
COPY --from=service /service /
# memory of large bodies goes back to the system as soon as they are done with, instead of staying with the process
ENV PATH=/opt/unigate/bin LANG=C.UTF-8 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt MALLOC_MMAP_THRESHOLD_=4194304 \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UNIGATE_SERVICE=unigate_${SERVICE}
USER 10001:10001
# an image that lacks a module its service imports is not built
RUN ["python", "-c", "import importlib, os; importlib.import_module(os.environ['UNIGATE_SERVICE'] + '.__main__')"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["python", "/opt/unigate/bin/healthcheck.py"]
ENTRYPOINT ["python", "/opt/unigate/bin/serve.py"]
