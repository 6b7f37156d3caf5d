import Foundation
public import Imaging
public import Records
public import Storage

/// The words beside a heatmap.
public struct HeatmapCaption: Equatable, Sendable {
    /// Slide id.
    public var slide: String
    /// Model and encoder.
    public var facts: String
    /// The probability, such as `P(tumor) 0.931`.
    public var result: String
    /// The decision threshold and the resulting call; empty where there is none.
    public var call: String
    /// Number and scale of the patches; may be empty.
    public var patches: String
    /// What part of the tissue no patch covers, which is hatched; nil where that is not known.
    public var unexamined: String?
    /// Of several targets what is said of those beside the first.
    public private(set) var further: [String] = []
    /// What is said against the map; nil: nothing.
    public private(set) var doubt: String?

    public init(
        slide: String,
        facts: String,
        result: String,
        call: String,
        patches: String,
        unexamined: String? = nil
    ) {
        self.slide = slide
        self.facts = facts
        self.result = result
        self.call = call
        self.patches = patches
        self.unexamined = unexamined
    }

    public init(_ file: PredictionFile, uncovered: UncoveredTissue? = nil) {
        let prediction = file.prediction
        // The one map is their mean.
        let folds = file.folds.count > 1 ? ", \(file.folds.count) folds" : ""
        var facts = ["Model \(file.model)\(folds)"]
        if let encoder = file.attributes["wsi_encoder"] { facts.append("Encoder \(encoder)") }
        let count = "\(prediction.attention.count) patch\(prediction.attention.count == 1 ? "" : "es")"
        var words = prediction.answer.words(among: file.classes)
        if let target = file.target { words.result = "\(target): \(words.result)" }
        self.init(
            slide: prediction.slide.text,
            facts: facts.joined(separator: "  ·  "),
            result: words.result,
            call: words.call,
            patches: ([file.grid.map { "\(count) at \(RoundNumber.text($0.geometry.mpp)) µm/px" } ?? count]
                + Self.doubts(file))
                .joined(separator: "  ·  "),
            unexamined: uncovered?.words
        )
        further = file.further.map(\.words)
        doubt = file.doubt
    }

    /// What a reader must know of where the patches' size comes from, and of features that are not like those of the training.
    private static func doubts(_ file: PredictionFile) -> [String] {
        let side = file.isSideInferred ? file.sideLevel0.map { "side \($0) px, inferred" } : nil
        return [side].compactMap { $0 }
            + file.accepted.map { "\($0.member.words) \($0.first), trained at \($0.second)" }
    }
}

/// The finished sheet: a picture with its words, colour bars and scale bar around it.
public struct HeatmapSheet: Equatable, Sendable {
    public let image: RGBImage
    /// Where the picture lies in the sheet, its bytes unchanged.
    public let picture: PixelRect

    /// - Parameters:
    ///   - picture: such as `Heatmap.drawn(over:)` gives.
    ///   - micronsPerPixel: µm per pixel of the picture; nil where the slide's scale is unknown, then no scale bar.
    ///   - partWidth: of what the picture is made of, in pixels; the scale bar is never longer.
    ///   - font: a TrueType file; nil takes `$WSI_FONT`, else DejaVu Sans.
    /// - Throws: `ReviewError.font` with the remedy.
    public init(
        picture: RGBImage,
        caption: HeatmapCaption,
        legends: [ColourLegend],
        micronsPerPixel: Double?,
        partWidth: Int? = nil,
        font: String? = nil
    ) throws {
        let (regular, bold) = (try Typeface(.regular, override: font), try Typeface(.bold, override: font))
        var layout = SheetLayout(
            pictureWidth: picture.width,
            pictureHeight: picture.height,
            legends: legends.count,
            rows: legends.map(\.grounds.count).max() ?? 1,
            isHatched: caption.unexamined != nil
        )
        let titles = try legends.map {
            try regular.lines($0.title, size: layout.unit, width: layout.barWidth + layout.unit)
        }
        layout.titleLines = titles.map(\.count).max() ?? 1
        let doubt = try caption.doubt.map {
            try regular.lines($0, size: layout.unit, width: Double(layout.contentWidth))
        }
        layout.doubtLines = doubt?.count ?? 0
        let pen = SheetPen(layout: layout, regular: regular, bold: bold)
        var canvas = try RGBImage.ground(width: layout.width, height: layout.height, SheetPen.paper)
        pen.drawMat(on: &canvas)
        canvas.place(picture, x: layout.pictureX, y: layout.pictureY)
        try pen.drawHeader(caption, on: &canvas)
        for (index, legend) in legends.enumerated() {
            try pen.drawColourBar(legend, title: titles[index], index: index, on: &canvas)
        }
        let last = layout.lastOfFirstRow
        if legends.indices.contains(last) { try pen.nameRows(of: legends[last], index: last, on: &canvas) }
        if let micronsPerPixel,
            let bar = ScaleBar(
                micronsPerPixel: micronsPerPixel,
                limit: min(layout.longestScaleBar, partWidth.map(Double.init) ?? .infinity)
            )
        {
            try pen.drawScaleBar(bar, on: &canvas)
        }
        // What has no room is cut off at the end.
        let notice = [caption.patches, "Research use only"].filter { !$0.isEmpty }
        try pen.drawNotice(notice.joined(separator: "  ·  "), on: &canvas)
        if let text = caption.unexamined { try pen.drawHatch(text, on: &canvas) }
        try pen.drawDoubt(doubt ?? [], on: &canvas)
        image = canvas
        self.picture = PixelRect(x: layout.pictureX, y: layout.pictureY, width: picture.width, height: picture.height)
    }

    /// Sheet of one map of a slide.
    /// - Parameters:
    ///   - backdrop: a picture of the slide, normally its thumbnail.
    ///   - uncovered: what is hatched; nil where the slide's tissue is not known.
    public init(
        of map: PatchMap,
        in maps: SlideMaps,
        of file: PredictionFile,
        over backdrop: Backdrop,
        uncovered: UncoveredTissue? = nil,
        style: HeatmapStyle
    ) throws {
        try self.init(
            picture: try style.picture(of: map, in: maps, over: backdrop, uncovered: uncovered),
            caption: HeatmapCaption(file, uncovered: uncovered),
            legends: [style.legend(of: map, over: backdrop.tissue(under: maps))],
            micronsPerPixel: file.grid.map { $0.scale.mpp * backdrop.grid.downsampleX }
        )
    }
}
