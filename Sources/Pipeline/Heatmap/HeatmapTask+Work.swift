import Evaluation
import Files
import Foundation
import Heatmaps
import Imaging
public import Records
import Slides
import Storage

extension HeatmapTask {
    /// Makes one output of one slide; the worker's side of `HeatmapStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    public func outcome(times: inout WorkTimes) throws -> Outcome {
        try Outcome.of(slide, stage: output.stage(pictures: name), fingerprint: fingerprint) { outcome in
            var watch = Stopwatch()
            let ground = HeatmapGround(self)
            var file = try PredictionFile(seeds: predictions)
            file.doubt = try faithfulness()?.doubt
            let maps = try SlideMaps(
                file,
                attention: Self.range(heatmap.range),
                score: Self.range(heatmap.scoreRange)
            )
            try ground.check(maps, of: file)
            if file.grid == nil {
                let doubt = try layout.doubt(about: maps.corners, side: maps.side, of: slide)
                outcome.notes = doubt.map { [$0] }
            }
            let uncovered = output.showsTissue ? try uncovered(by: maps) : nil
            let written = try write(maps, of: file, on: ground, uncovered)
            times.add(ground.readingTime, to: .decode)
            times.add(watch.lap() - ground.readingTime, to: .transform)
            try outcome.record(written, in: layout)
            times.add(watch.lap(), to: .write)
            outcome[.patches] = Double(maps.corners.count)
            outcome[.openSlide] = ground.openSlide
            outcome.unexamined = uncovered?.share
        }
    }

    /// Of the one model whose maps are drawn; nil where nothing is known of them, or several models are joined.
    func faithfulness() throws -> SlideFaithfulness? {
        models.count == 1 ? try SlideFaithfulness.current(of: models[0], slide, in: layout) : nil
    }

    private static func range(_ ends: [Double]) -> ClosedRange<Double> { ends[0]...ends[1] }

    /// Of the slide, or of the parts that finer maps were made of; nil where it was not tiled in this job.
    private func uncovered(by maps: SlideMaps) throws -> UncoveredTissue? {
        try layout.tissueOutlines(of: slide).flatMap {
            UncoveredTissue(tissue: $0, corners: maps.corners, side: maps.side)
        }
    }

    private func write(
        _ maps: SlideMaps,
        of file: PredictionFile,
        on ground: HeatmapGround,
        _ uncovered: UncoveredTissue?
    ) throws -> [URL] {
        switch output {
        case .sheet: try writeSheet(maps, of: file, on: ground, uncovered)
        case .panel:
            try ground.backdrops(of: file, share: 0.5).map { part, backdrop in
                let panel = try HeatmapPanel(
                    maps,
                    of: file,
                    over: backdrop,
                    uncovered: uncovered,
                    style: heatmap.style
                )
                return try write(panel.sheet.image, "\(part).panel.png")
            }
        case .top: try writeTop(maps, of: file, on: ground)
        case .geojson: try writeGeoJSON(maps, of: file, on: ground)
        case .values: try writeValues(maps, of: file)
        case .overlay:
            try [place(".overlay.tif")].map { url in
                try overlay(maps, of: file, on: ground).writeTIFF(to: url, mpp: file.grid?.scale.mpp)
                return url
            }
        case .report: try writeReport(maps, of: file, on: ground, uncovered)
        case .tiles: try overlay(maps, of: file, on: ground).writeDeepZoom(to: place(".dzi"))
        }
    }

    private func writeSheet(
        _ maps: SlideMaps,
        of file: PredictionFile,
        on ground: HeatmapGround,
        _ uncovered: UncoveredTissue?
    ) throws -> [URL] {
        let csv = place(".csv")
        try AtomicFile.write(HeatmapTable.text(maps), to: csv)
        return try [csv]
            + ground.backdrops(of: file, share: 1).map { part, backdrop in
                let sheet = try HeatmapSheet(
                    of: maps.main,
                    in: maps,
                    of: file,
                    over: backdrop,
                    uncovered: uncovered,
                    style: heatmap.style
                )
                return try write(sheet.image, "\(part).png")
            }
    }

    /// The gallery of the one map, and one of each row that puts patches in an order.
    private func writeTop(_ maps: SlideMaps, of file: PredictionFile, on ground: HeatmapGround) throws -> [URL] {
        try ([maps.main] + maps.rows).enumerated().filter { $1.quantity != .masked }.map { index, map in
            let gallery = try PatchGallery(map, in: maps, of: file, count: heatmap.top) { corner in
                try ground.patch(at: corner, side: maps.side)
            }
            return try write(gallery.sheet.image, index == 0 ? ".top.png" : ".top.\(index - 1).png")
        }
    }

    private func writeGeoJSON(_ maps: SlideMaps, of file: PredictionFile, on ground: HeatmapGround) throws -> [URL] {
        let url = place(".geojson")
        try MapGeoJSON.collection(
            maps,
            bounds: try ground.bounds(of: file),
            mpp: file.grid?.scale.mpp,
            limit: heatmap.regionsFrom
        ).write(to: url)
        return [url]
    }

    private func writeValues(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        let url = place(".h5")
        try MapFile.write(
            corners: maps.corners,
            side: maps.side,
            maps: maps.all.map { ($0.name, $0.quantity.word, $0.values) },
            percentile: maps.main.percentiles.map { $0 * 100 },
            attributes: ["wsi_slide": slide.text, "wsi_model": file.model],
            to: url
        )
        return [url]
    }

    private func overlay(_ maps: SlideMaps, of file: PredictionFile, on ground: HeatmapGround) throws -> OverlayPyramid
    {
        let downsample = try heatmap.mpp.map { Int((try $0 / ground.micronsPerPixel(of: file)).rounded()) }
        return OverlayPyramid(
            heatmap.style.heatmap(maps.main, of: maps),
            bounds: try ground.bounds(of: file),
            downsample: downsample
        )
    }

    func place(_ suffix: String) -> URL { folder.appending(path: slide.text + suffix) }

    private func write(_ image: RGBImage, _ suffix: String) throws -> URL {
        let url = place(suffix)
        try AtomicFile.write(try image.png(), to: url)
        return url
    }
}

extension HeatmapConfig {
    var style: HeatmapStyle {
        var style = HeatmapStyle()
        style.scale = scale == .absolute ? .absolute : .percentile
        style.colours = ColourMap(colours)
        style.opacity = Float(opacity)
        style.smoothing = smoothing
        return style
    }
}
