# docker build -t wsi . && docker run --rm -v /slides:/slides:ro -v "$PWD:/work" wsi tile /slides --out study

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY . .
# The same tarball as `make dist` makes. What it needs of the system it carries (docs/guides/install.md).
RUN scripts/setup \
 && swift build -c release --static-swift-stdlib \
 && scripts/dist artefacts \
 && mkdir /opt/wsi && tar -I zstd -xf artefacts/wsi-*.tar.zst -C /opt/wsi --strip-components=1

FROM debian:bookworm-slim
COPY --from=build /opt/wsi /opt/wsi
RUN useradd --create-home --uid 10001 wsi
ENV PATH=/opt/wsi/bin:$PATH
USER wsi
WORKDIR /work
ENTRYPOINT ["wsi"]
