# docker build -t wsi . && docker run --rm -v /slides:/slides:ro -v "$PWD:/work" wsi tile /slides --out study

FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY . .
# The programs remember where LibTorch and OpenSlide lie, so they lie where the second stage has them too.
RUN scripts/setup \
 && mkdir -p /opt/libtorch /opt/nvidia && cp -rL .deps/libtorch/lib .deps/libtorch/include /opt/libtorch/ \
 && for cuda in .deps/python/lib/python3*/site-packages/nvidia; do [ ! -d "$cuda" ] || cp -rL "$cuda/." /opt/nvidia/; done \
 && mkdir -p /opt/openslide/lib && cp -L .deps/openslide/lib/libopenslide.so.0 /opt/openslide/lib/ \
 && cp -rL .deps/openslide/licenses /opt/openslide/ \
 && LIBTORCH=/opt/libtorch OPENSLIDE=/opt/openslide swift build -c release --static-swift-stdlib \
 && install -D -t /opt/wsi/bin .build/release/wsi .build/release/wsi-compute

FROM debian:bookworm-slim
# scripts/check-runtime proves that this list provides every library that the programs load.
RUN apt-get update && apt-get install -y --no-install-recommends \
      libtiff6 libjpeg62-turbo libopenjp2-7 liblcms2-2 libpng16-16 libhdf5-103-1 libfreetype6 libxml2 libstdc++6 fonts-dejavu-core \
      libjs-leaflet \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 wsi
COPY --from=build /opt/libtorch/lib /opt/libtorch/lib
COPY --from=build /opt/openslide /opt/openslide
# Empty with the CPU build of LibTorch; its CUDA build looks for CUDA's libraries there.
COPY --from=build /opt/nvidia /opt/nvidia
COPY --from=build /opt/wsi/bin /opt/wsi/bin
ENV PATH=/opt/wsi/bin:$PATH
USER wsi
WORKDIR /work
ENTRYPOINT ["wsi"]
