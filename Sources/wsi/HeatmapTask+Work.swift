import Foundation
import Pipeline
import Records
import Review
import Slides
import Storage

extension HeatmapTask {
    /// Makes one output of one slide; the worker's side of `HeatmapStage`.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    func outcome() throws -> Outcome {
        try Outcome.of(slide, stage: HeatmapStage.name(output, pictures: name), fingerprint: fingerprint) { outcome in
            let file = try PredictionFile(contentsOf: prediction)
            let maps = try SlideMaps(
                file,
                attention: Self.range(heatmap.range),
                score: Self.range(heatmap.scoreRange)
            )
            let written = try write(maps, of: file)
            outcome.outputs = try JobLayout(root: job).digests(of: written)
            outcome.figures = ["patches": Double(maps.corners.count)]
        }
    }

    private static func range(_ ends: [Double]) -> ClosedRange<Double> { ends[0]...ends[1] }

    private func write(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        switch output {
        case .sheet: try writeSheet(maps, of: file)
        case .panel:
            try [
                write(
                    HeatmapPanel(maps, of: file, over: backdrop(of: file, share: 0.5), style: heatmap.style).sheet
                        .image,
                    ".panel.png"
                )
            ]
        case .top: try writeTop(maps, of: file)
        case .geojson: try writeGeoJSON(maps, of: file)
        case .values: try writeValues(maps, of: file)
        case .overlay:
            try [place(".overlay.tif")].map { url in
                try overlay(maps, of: file).writeTIFF(to: url, mpp: file.grid?.scale.mpp)
                return url
            }
        case .report: try writeReport(maps, of: file)
        case .tiles: try overlay(maps, of: file).writeDeepZoom(to: place(".dzi"))
        }
    }

    private func writeSheet(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        let sheet = try HeatmapSheet(
            of: maps.main,
            in: maps,
            of: file,
            over: backdrop(of: file, share: 1),
            style: heatmap.style
        )
        let csv = place(".csv")
        try AtomicFile.write(HeatmapTable.text(maps), to: csv)
        return [csv, try write(sheet.image, ".png")]
    }

    /// The gallery of the one map, and one of each row.
    private func writeTop(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        let opened = try Slide(path: slidePath)
        return try ([maps.main] + maps.rows).enumerated().map { index, map in
            let gallery = try PatchGallery(map, in: maps, of: file, count: heatmap.top) { corner in
                try opened.patch(at: corner, side: maps.side)
            }
            return try write(gallery.sheet.image, index == 0 ? ".top.png" : ".top.\(index - 1).png")
        }
    }

    private func writeReport(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        let record = try SlideRecord(
            slide,
            in: JobLayout(root: job),
            prediction: file,
            digest: try Digest.sha256(fileAt: prediction)
        )
        var report = SlideReport(file)
        report.flags = record.flags
        report.thresholdSource = record.thresholdSource
        report.sections = [
            ("The slide", record.slide), ("The model", record.model), ("Versions and digests", record.versions),
        ]
        let backdrop = try self.backdrop(of: file, share: 0.5)
        let sheet = try HeatmapSheet(of: maps.main, in: maps, of: file, over: backdrop, style: heatmap.style)
        try report.show(sheet.image, "The map over the slide: \(maps.main.title)")
        let panel = try HeatmapPanel(maps, of: file, over: self.backdrop(of: file, share: 0.25), style: heatmap.style)
        try report.show(
            panel.sheet.image,
            "Everything the model says: the slide, its map, each row, and where rows disagree"
        )
        let opened = try Slide(path: slidePath)
        let gallery = try PatchGallery(maps.main, in: maps, of: file, count: min(heatmap.top, 5)) { corner in
            try opened.patch(at: corner, side: maps.side)
        }
        try report.show(gallery.sheet.image, "The patches with the highest and the lowest values, at full resolution")
        let url = place(".html")
        try AtomicFile.write(report.text, to: url)
        return [url]
    }

    private func writeGeoJSON(_ maps: SlideMaps, of file: PredictionFile) throws -> [URL] {
        let url = place(".geojson")
        try MapGeoJSON.collection(
            maps,
            bounds: try bounds(of: file),
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

    private func overlay(_ maps: SlideMaps, of file: PredictionFile) throws -> OverlayPyramid {
        let downsample = try heatmap.mpp.map { Int((try $0 / micronsPerPixel(of: file)).rounded()) }
        return OverlayPyramid(
            heatmap.style.heatmap(maps.main, of: maps),
            bounds: try bounds(of: file),
            downsample: downsample
        )
    }

    /// The scanned part of the slide at the picture's scale.
    /// - Parameter share: of the configured size.
    private func backdrop(of file: PredictionFile, share: Double) throws -> Backdrop {
        let opened = try Slide(path: slidePath)
        let mpp = try heatmap.mpp.map { (wanted: $0, slide: try micronsPerPixel(of: file)) }
        let bounds = opened.bounds
        let longest = Double(max(bounds.width, bounds.height))
        let side = mpp.map { longest * $0.slide / $0.wanted } ?? Double(heatmap.side)
        // The picture of the whole slide from which the scanned part is cut.
        let whole = side * share / longest * Double(max(opened.size.width, opened.size.height))
        let scale = whole / Double(max(opened.size.width, opened.size.height))
        guard Double(opened.size.width) * Double(opened.size.height) * scale * scale <= Self.largestPicture else {
            throw ConfigError(
                heatmap.mpp == nil ? "heatmap.side" : "heatmap.mpp",
                "a picture of this slide would have more than \(Int(Self.largestPicture / 1e6)) million pixels"
            )
        }
        let picture = try opened.picture(longestSide: max(1, Int(whole.rounded())))
        return try Backdrop(
            image: RasterImage(picture.image),
            grid: PictureGrid(x: 0, y: 0, downsampleX: picture.downsampleX, downsampleY: picture.downsampleY)
        ).cropped(to: bounds)
    }

    /// Beyond that a worker's memory may not do.
    private static let largestPicture = 60e6

    private func micronsPerPixel(of file: PredictionFile) throws -> Double {
        guard let mpp = file.grid?.scale.mpp else {
            throw Failure(.mppMissing, slide.text, "the slide's µm per pixel is not known; draw it without heatmap.mpp")
        }
        return mpp
    }

    private func bounds(of file: PredictionFile) throws -> PixelRect {
        try file.grid?.bounds ?? Slide(path: slidePath).bounds
    }

    private func place(_ suffix: String) -> URL { folder.appending(path: slide.text + suffix) }

    private func write(_ image: RasterImage, _ suffix: String) throws -> URL {
        let url = place(suffix)
        try AtomicFile.write(try image.png(), to: url)
        return url
    }
}

extension Slide {
    /// A patch at full resolution; nil where it cannot be decoded. What lies beyond the slide is white.
    fileprivate func patch(at corner: PixelPoint, side: Int) throws -> RasterImage? {
        let whole = RGBImage(width: side, height: side)
        let (width, height) = (min(side, size.width - corner.x), min(side, size.height - corner.y))
        guard corner.x >= 0, corner.y >= 0, width > 0, height > 0 else { return try RasterImage(whole) }
        do {
            let part = try read(level: 0, x: corner.x, y: corner.y, width: width, height: height)
            return try RasterImage(whole.overlaid(with: part))
        } catch SlideError.corrupt { return nil }
    }
}

extension RGBImage {
    /// With another picture in the upper left corner.
    fileprivate func overlaid(with part: RGBImage) -> RGBImage {
        guard part.width < width || part.height < height else { return part }
        var result = self
        for y in 0..<part.height { for x in 0..<part.width { result[x, y] = part[x, y] } }
        return result
    }
}

extension HeatmapConfig {
    fileprivate var style: HeatmapStyle {
        var style = HeatmapStyle()
        style.scale = scale == .absolute ? .absolute : .percentile
        style.colours =
            switch colours {
            case .lagoon: ColourMap(.lagoon)
            case .dune: ColourMap(.dune)
            }
        style.opacity = Float(opacity)
        style.smoothing = smoothing
        return style
    }
}
