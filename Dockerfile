# The shop's one image: every process is `python -m <its name>` in it (svc_orders, gateway, ui, ...).
#     docker build --tag shop .
# With `--target dev` it has the Stripe emulator and the demo's data too, for compose.yaml and the
# development overlay.
ARG PYTHON=python:3.11-slim

FROM ${PYTHON} AS build
WORKDIR /src
RUN python -m venv /opt/build && python -m venv --without-pip /opt/shop
# The stubs' hook runs protoc's plugins, which lie beside this Python.
ENV PATH=/opt/build/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/run.txt requirements/
# Wheels only: nothing is compiled, and no package's own code runs while it is installed.
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --only-binary=:all: -r requirements/build.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/shop/bin/python install --no-deps \
        --require-hashes --only-binary=:all: -r requirements/run.txt
# .dockerignore lets through what the wheel is made of, and nothing else.
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/shop/bin/python install --no-deps /wheels/*.whl

FROM ${PYTHON} AS shop
# A new volume at /data takes over its owner; the root file system may be read-only.
RUN groupadd --gid 10001 shop \
    && useradd --uid 10001 --gid shop --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin shop \
    && install --directory --owner shop --group shop /data
COPY --from=build /opt/shop /opt/shop
# HOST: on its own loopback a container would serve nobody.
ENV PATH=/opt/shop/bin:$PATH \
    HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
# gateway (PORT), services (GRPC_PORT), and for operators alone OPS_PORT of each, which has
# /api/health, /api/ready and /metrics.
EXPOSE 8000 50051 8080
CMD ["python", "-m", "gateway"]

FROM shop AS dev
COPY devstack /opt/dev/devstack
ENV PYTHONPATH=/opt/dev

FROM shop
