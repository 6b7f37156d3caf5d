import Foundation
public import Records
import Slides
import Storage

extension TileTask {
    /// Tiles the slide and publishes its files; the worker's side of `TileStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    public func outcome(version: String) throws -> Outcome {
        try Outcome.of(entry.id, stage: TileStage.name, fingerprint: fingerprint) { outcome in
            let slide = try Slide(path: entry.path)
            let within = try regions.map { try GeoJSON(contentsOf: $0) }
            let tiled = try SlideTiling(of: slide, id: entry.id, config: tiling, tableMPP: entry.mpp, within: within)
            outcome.outputs = try publish(tiled, version: version)
            outcome.status = tiled.grid.count == 0 ? .empty : .ok
            let grid = tiled.grid
            outcome.facts = [
                "grid": JobLayout.gridName(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap),
                "mpp": "\(grid.scale.mpp)", "patch_mpp": "\(grid.geometry.mpp)",
                "mpp_source": grid.scale.source.rawValue, "vendor": slide.vendor,
                "mask_threshold": "\(tiled.tissue.threshold)",
            ]
            outcome.facts["reason"] = tiled.emptyReason
            outcome.figures = [
                "patches": Double(grid.count), "tissue_um2": tiled.tissue.areaUM2.rounded(),
                "file_bytes": Double(try Self.size(of: entry.path)), "width": Double(grid.slideSize.width),
                "height": Double(grid.slideSize.height),
            ]
            for (name, value) in zip(["mean_red", "mean_green", "mean_blue"], tiled.tissue.meanRGB ?? []) {
                outcome.figures[name] = (value * 1000).rounded() / 1000
            }
        }
    }

    private func publish(_ tiled: SlideTiling, version: String) throws -> [String: String] {
        let layout = JobLayout(root: job)
        let grid = layout.grids(mpp: tiling.mpp, patchSize: tiling.patchSize, overlap: tiling.overlap)
        let id = entry.id.text
        let pictures = [
            (layout.thumbnails.appending(path: "\(id).jpg"), tiled.thumbnail),
            (layout.contours.appending(path: "\(id).jpg"), tiled.contours),
            (layout.contoursGeoJSON.appending(path: "\(id).geojson"), tiled.contoursGeoJSON),
            (grid.appending(path: "visualization/\(id).jpg"), tiled.visualization),
        ]
        let patches = layout.patches(in: grid, entry.id)
        try PatchFile.write(
            tiled.grid,
            attributes: [
                "wsi_fingerprint": try CanonicalJSON.fingerprint(fingerprint), "wsi_version": version,
                "wsi_slide_digest": fingerprint.inputs["slide"] ?? "",
            ],
            to: patches
        )
        // Pictures come last: where the disk is full they do not stand there alone.
        for (url, data) in pictures { try AtomicFile.write(data, to: url) }
        return try layout.digests(of: pictures.map(\.0) + [patches])
    }

    private static func size(of path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
    }
}
