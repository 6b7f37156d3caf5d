import Foundation
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
    /// What the colours mean: title of the colour bar.
    public var quantity: String
    /// Number and scale of the patches; may be empty.
    public var patches: String

    public init(slide: String, facts: String, result: String, call: String, quantity: String, patches: String) {
        self.slide = slide
        self.facts = facts
        self.result = result
        self.call = call
        self.quantity = quantity
        self.patches = patches
    }

    /// - Parameter quantity: title of the colour bar.
    public init(_ file: PredictionFile, quantity: String) {
        let prediction = file.prediction
        var facts = ["Model \(file.model)"]
        if let encoder = file.attributes["wsi_encoder"] { facts.append("Encoder \(encoder)") }
        let count = "\(prediction.attention.count) patch\(prediction.attention.count == 1 ? "" : "es")"
        // Of two classes the second is the positive one; of more, the likeliest is named.
        let likeliest = prediction.probabilities.indices.max {
            prediction.probabilities[$0] < prediction.probabilities[$1]
        }
        let shown = prediction.probabilities.count == 2 ? 1 : likeliest ?? 0
        let probability = prediction.probabilities.indices.contains(shown) ? prediction.probabilities[shown] : .nan
        let name = file.classes.indices.contains(shown) ? file.classes[shown] : "?"
        var call = ""
        if let threshold = prediction.threshold, file.classes.count == 2 {
            let called = file.classes[probability >= threshold ? 1 : 0]
            call = "Threshold \(Self.decimal(threshold)), called \(called)"
        }
        self.init(
            slide: prediction.slide.text,
            facts: facts.joined(separator: "  ·  "),
            result: "P(\(name)) \(Self.decimal(probability))",
            call: call,
            quantity: quantity,
            patches: file.grid.map { "\(count) at \(RoundNumber.text($0.geometry.mpp)) µm/px" } ?? count
        )
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.3f", value) }
}

/// The finished sheet: the heatmap with its words, colour bar and scale bar around it.
public struct HeatmapSheet: Equatable, Sendable {
    public let image: RasterImage
    /// Where the heatmap lies in the sheet, its bytes unchanged.
    public let picture: PixelRect

    /// - Parameters:
    ///   - heatmap: the picture from `Heatmap.drawn(over:)`.
    ///   - micronsPerPixel: µm per pixel of the picture; nil where the slide's scale is unknown, then no scale bar.
    ///   - font: a TrueType file; nil takes `$WSI_FONT`, else DejaVu Sans.
    /// - Throws: `ReviewError.font` with the remedy.
    public init(
        heatmap: RasterImage,
        caption: HeatmapCaption,
        scale: HeatmapScale,
        colours: ColourMap,
        micronsPerPixel: Double?,
        font: String? = nil
    ) throws {
        let layout = SheetLayout(pictureWidth: heatmap.width, pictureHeight: heatmap.height)
        let pen = SheetPen(
            layout: layout,
            regular: try Typeface(.regular, override: font),
            bold: try Typeface(.bold, override: font)
        )
        var canvas = try Canvas(width: layout.width, height: layout.height, ground: SheetPen.paper)
        pen.drawMat(on: &canvas)
        canvas.place(heatmap, x: layout.pictureX, y: layout.pictureY)
        try pen.drawHeader(caption, on: &canvas)
        try pen.drawColourBar(caption.quantity, scale, colours, on: &canvas)
        if let micronsPerPixel,
            let bar = ScaleBar(micronsPerPixel: micronsPerPixel, limit: layout.longestScaleBar)
        {
            try pen.drawScaleBar(bar, on: &canvas)
        }
        let notice = caption.patches.isEmpty ? "Research use only" : "\(caption.patches)  ·  Research use only"
        try pen.drawNotice(notice, on: &canvas)
        image = canvas.image
        picture = PixelRect(x: layout.pictureX, y: layout.pictureY, width: heatmap.width, height: heatmap.height)
    }

    /// Sheet of the attention, or the score, of one slide; both are of the order of 1/N, so a scale for all slides is one
    /// of N times them.
    /// - Parameter backdrop: a picture of the slide, normally its thumbnail.
    /// - Throws: `ReviewError` where the prediction does not tell where its patches lie, or without a font.
    public init(
        attentionOf file: PredictionFile,
        over backdrop: Backdrop,
        scale: HeatmapScale = .attention,
        colours: ColourMap = ColourMap(.lagoon),
        opacity: Float = 0.6
    ) throws {
        guard let side = file.sideLevel0 else {
            throw ReviewError.shape("the prediction does not tell the side of its patches")
        }
        let count = Float(file.prediction.attention.count)
        var map = Heatmap(
            corners: file.prediction.corners,
            side: side,
            values: file.prediction.attention.map { $0 * count },
            scale: scale,
            colours: colours
        )
        map.opacity = opacity
        try self.init(
            heatmap: try map.drawn(over: backdrop),
            caption: HeatmapCaption(file, quantity: scale.quantity(of: file.prediction.kind)),
            scale: scale,
            colours: colours,
            micronsPerPixel: file.grid.map { $0.scale.mpp * backdrop.downsample.x }
        )
    }
}
