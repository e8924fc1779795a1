"""unigate's edge: OpenAI's HTTP API in, gRPC to one adapter per provider. Knows no provider's native format."""

import os

from unigate_core.gc import raise_gc_threshold
from unigate_core.grpc_settings import CLIENT_EXPERIMENTS

# before gRPC is imported; whoever sets the variable decides
os.environ.setdefault("GRPC_EXPERIMENTS", CLIENT_EXPERIMENTS)

# before the rest is imported: that is there to stay, and looking through it finds nothing
raise_gc_threshold()
