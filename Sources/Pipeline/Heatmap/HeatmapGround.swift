import Heatmaps
import Imaging
import Records
import Slides
import Storage

/// The slide that a task's maps are drawn on, opened where its pixels are first needed.
final class HeatmapGround {
    private let task: HeatmapTask
    private var opened: Slide?

    init(_ task: HeatmapTask) { self.task = task }

    private func slide() throws -> Slide {
        let slide = try opened ?? Slide(path: task.slidePath, rules: task.rules)
        opened = slide
        return slide
    }

    /// The version that reads the slide; nil where it was not opened, or another reader does.
    var openSlide: String? { opened?.openSlide }

    /// Spent on opening and reading.
    var readingTime: Duration { opened?.readingTime ?? .zero }

    /// What maps are drawn over, each with what its file's name gets: the whole of the slide, or the parts of a finer map.
    /// - Parameter share: of the configured size.
    func backdrops(of file: PredictionFile, share: Double) throws -> [(part: String, backdrop: Backdrop)] {
        guard let regions = task.regions else { return [("", try backdrop(of: file, share: share))] }
        let opened = try slide()
        let margin = (file.sideLevel0 ?? 0) / 2
        let parts = try AnnotatedRegions(contentsOf: regions).regions
        return try parts.enumerated().compactMap { index, polygon in
            guard let frame = polygon.frame(margin: margin, in: opened.size) else { return nil }
            let downsample =
                try task.heatmap.mpp.map { try $0 / micronsPerPixel(of: file) }
                ?? Double(max(frame.width, frame.height)) / (Double(task.heatmap.side) * share)
            return (".region_\(index + 1)", try opened.backdrop(of: frame, downsample: downsample))
        }
    }

    /// Where the patches of a prediction lie, compared with the slide itself.
    /// - Throws: `Failure` (`.mismatch`) where they cannot be the slide's, or where another slide lies in its place by now.
    func check(_ maps: SlideMaps, of file: PredictionFile) throws {
        let tiled = task.fingerprint[.slide] ?? ""
        if tiled.count == Self.digestLength, try SlideDigest.quick(task.slidePath) != tiled {
            throw Failure(
                .mismatch,
                task.slide.text,
                "its file is another than the one that was tiled; run wsi tile, wsi features and wsi predict again with --redo"
            )
        }
        var stated = file.facts?.onSlide ?? PatchFacts.OnSlide(side: file.sideLevel0)
        if let grid = file.grid { (stated.size, stated.step) = (grid.slideSize, grid.geometry.stepLevel0) }
        guard let fault = stated.faults(of: maps.corners, on: try slide().size).first else { return }
        throw Failure(
            .mismatch,
            task.slide.text,
            "\(fault.words); make the features from this slide and run wsi predict again with --redo"
        )
    }

    /// The scanned part of the slide at the picture's scale.
    /// - Parameter share: of the configured size.
    func backdrop(of file: PredictionFile, share: Double) throws -> Backdrop {
        let opened = try slide()
        let mpp = try task.heatmap.mpp.map { (wanted: $0, slide: try micronsPerPixel(of: file)) }
        let bounds = opened.bounds
        let longest = Double(max(bounds.width, bounds.height))
        let side = mpp.map { longest * $0.slide / $0.wanted } ?? Double(task.heatmap.side)
        // The picture of the whole slide from which the scanned part is cut.
        let whole = side * share / longest * Double(max(opened.size.width, opened.size.height))
        let scale = whole / Double(max(opened.size.width, opened.size.height))
        guard Double(opened.size.width) * Double(opened.size.height) * scale * scale <= Self.largestPicture else {
            throw ConfigError(
                task.heatmap.mpp == nil ? "heatmap.side" : "heatmap.mpp",
                "a picture of this slide would have more than \(Int(Self.largestPicture / 1e6)) million pixels"
            )
        }
        let picture = try opened.picture(longestSide: max(1, Int(whole.rounded())))
        return try Backdrop(
            image: picture.image.checked(),
            grid: PictureGrid(x: 0, y: 0, downsampleX: picture.downsampleX, downsampleY: picture.downsampleY)
        ).cropped(to: bounds)
    }

    /// Of SHA-256 in hexadecimal; slides that could not be read have a word instead.
    private static let digestLength = 64
    /// Beyond that a worker's memory may not do.
    private static let largestPicture = 60e6

    func micronsPerPixel(of file: PredictionFile) throws -> Double {
        guard let mpp = file.grid?.scale.mpp else {
            throw Failure(
                .mppMissing,
                task.slide.text,
                "the slide's µm per pixel is not known; draw it without heatmap.mpp"
            )
        }
        return mpp
    }

    func bounds(of file: PredictionFile) throws -> PixelRect {
        try file.grid?.bounds ?? slide().bounds
    }

    /// A patch at full resolution; nil where it cannot be decoded. What lies beyond the slide is white.
    func patch(at corner: PixelPoint, side: Int) throws -> RGBImage? {
        do {
            return try slide().patch(at: corner, side: side).checked()
        } catch SlideError.corrupt, SlideError.outside { return nil }
    }
}
