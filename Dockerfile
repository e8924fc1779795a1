# One image per service: docker build --build-arg SERVICE=edge -t unigate-edge .
# Releases pin the base by digest: --build-arg BASE=python:3.13-slim-bookworm@sha256:...
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ARG SERVICE
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements requirements
RUN python3 -m venv /build && /build/bin/pip install --quiet --require-hashes -r requirements/build.txt
COPY tools/__init__.py tools/discovery.py tools/locked.py tools/
COPY services services
# the service's own part of the lock, then its code and that it shares; the environment is left without pip
RUN test -n "${SERVICE}" || { echo "name a service: --build-arg SERVICE=edge" >&2; exit 1; }; \
    python3 -m tools.locked "${SERVICE}" > /tmp/locked.txt \
    && python3 -m venv --without-pip /opt/unigate \
    && /build/bin/pip --python /opt/unigate install --quiet --require-hashes -r /tmp/locked.txt \
    && /build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels services/common "services/${SERVICE}" \
    && /build/bin/pip --python /opt/unigate install --quiet --no-deps /wheels/*.whl \
    && find /opt/unigate -type d -name tests -path '*/site-packages/*/tests' -prune -exec rm -rf {} + \
    && printf '#!/bin/sh\nexec /opt/unigate/bin/python -m unigate_%s "$@"\n' "$(echo "${SERVICE}" | tr - _)" \
       > /opt/unigate/bin/serve && chmod 0755 /opt/unigate/bin/serve
COPY deploy/image/healthcheck.py /opt/unigate/bin/healthcheck.py

FROM ${BASE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="unigate-${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# no package manager of Python's stays behind; nothing is written at run time
RUN rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip /usr/local/bin/pip*
COPY --from=build /opt/unigate /opt/unigate
ENV PATH=/opt/unigate/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UNIGATE_SERVICE=unigate_${SERVICE}
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["python", "/opt/unigate/bin/healthcheck.py"]
ENTRYPOINT ["/opt/unigate/bin/serve"]
