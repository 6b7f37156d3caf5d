import Config
import Files
import Foundation
import Imaging
public import Records
import Slides
import Storage

extension TileTask {
    /// Tiles the slide and publishes its files; the worker's side of `TileStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    public func outcome(version: String, times: inout WorkTimes) throws -> Outcome {
        try Outcome.of(entry.id, stage: TileStage.name, fingerprint: fingerprint) { outcome in
            var watch = Stopwatch()
            let slide = try Slide(path: entry.path)
            guard fingerprint.inputs["slide"] != TileStage.unreadable else {
                throw Failure(
                    .io,
                    entry.id.text,
                    "its file could not be read at first and can be now; run the command again"
                )
            }
            let tiled = try SlideTiling(
                of: slide,
                id: entry.id,
                config: tiling,
                tableMPP: entry.mpp,
                regions: regions.map { try AnnotatedRegions(contentsOf: $0) }
            )
            times.add(slide.readingTime, to: .decode)
            times.add(watch.lap() - slide.readingTime, to: .transform)
            try outcome.record(publish(tiled, version: version), in: JobLayout(root: job))
            times.add(watch.lap(), to: .write)
            outcome.status = tiled.grid.count == 0 ? .empty : .ok
            let grid = tiled.grid
            outcome.facts = [
                "grid": JobLayout.gridName(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap),
                "mpp": "\(grid.scale.mpp)", "patch_mpp": "\(grid.geometry.mpp)",
                "mpp_source": grid.scale.source.rawValue, "vendor": slide.vendor,
                "mask_threshold": "\(tiled.tissue.threshold)",
            ]
            outcome.emptyReason = tiled.emptyReason
            outcome.notes = tiled.notes.isEmpty ? nil : tiled.notes
            if !tiled.slideQuality.flags.isEmpty {
                outcome.facts[TileFindings.quality] = tiled.slideQuality.flags.joined(separator: "; ")
            }
            if tiled.regionsOriginIsAssumed { outcome.facts[TileFindings.regionsOrigin] = "bounds, assumed" }
            outcome.figures = [
                "patches": Double(grid.count), "file_bytes": Double(try SlideFiles(entry.path).bytes),
                "width": Double(grid.slideSize.width), "height": Double(grid.slideSize.height),
            ]
            for figure in QualityColumn.figures where figure.onlyWith.map({ tiling.exclusions[$0] != nil }) ?? true {
                outcome.figures[figure.key] = figure.value(tiled.slideQuality)
            }
            outcome.figures[TileFindings.scaleRatio] = grid.scale.mpp * grid.geometry.levelDownsample / tiling.mpp
            for (name, value) in zip(["mean_red", "mean_green", "mean_blue"], tiled.tissue.meanRGB ?? []) {
                outcome.figures[name] = (value * 1000).rounded() / 1000
            }
        }
    }

    private func publish(_ tiled: SlideTiling, version: String) throws -> [URL] {
        let layout = JobLayout(root: job)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        let id = entry.id.text
        let pictures = [
            (layout.thumbnails.appending(path: "\(id).jpg"), tiled.thumbnail),
            (layout.contours.appending(path: "\(id).jpg"), tiled.contours),
            (layout.contoursGeoJSON.appending(path: "\(id).geojson"), tiled.contoursGeoJSON),
            (grid.appending(path: "visualization/\(id).jpg"), tiled.visualization),
            (grid.appending(path: "quality/\(id).jpg"), tiled.findings),
        ]
        let patches = layout.patches(in: grid, entry.id)
        try PatchFile.write(
            tiled.grid,
            quality: tiled.quality,
            attributes: [
                "wsi_fingerprint": try CanonicalJSON.fingerprint(fingerprint), "wsi_version": version,
                "wsi_slide_digest": fingerprint.inputs["slide"] ?? "",
                "wsi_quality": String(decoding: try CanonicalJSON.line(tiled.slideQuality), as: UTF8.self),
            ],
            to: patches
        )
        // Pictures come last: where the disk is full they do not stand there alone.
        for (url, data) in pictures { try AtomicFile.write(data, to: url) }
        return pictures.map(\.0) + [patches]
    }
}
