import Foundation
import Imaging
import Records

/// Places on the sheet, in pixels. Everything is a multiple of `unit`, the size of running text, which follows the
/// picture's size so that a sheet looks the same at every scale.
struct SheetLayout {
    let unit: Double
    let margin: Double
    /// Width of header, mat and footer; a narrow picture is centred on a wider mat.
    let contentWidth: Int
    let width: Int
    let pictureX: Int
    let pictureY: Int
    let matHeight: Int

    static func unit(of picture: PixelSize) -> Double {
        min(max(Double(max(picture.width, picture.height)) / 62, 13), 34)
    }

    /// - Parameters:
    ///   - legends: colour bars below the picture: side by side, or in rows where several would be too narrow to read.
    ///   - rows: of colours in each bar.
    ///   - isHatched: whether a line below them tells what the hatch is.
    init(pictureWidth: Int, pictureHeight: Int, legends: Int, rows: Int = 1, isHatched: Bool) {
        unit = Self.unit(of: PixelSize(width: pictureWidth, height: pictureHeight))
        margin = (2.6 * unit).rounded()
        contentWidth = max(pictureWidth, Int((46 * unit).rounded()))
        width = contentWidth + 2 * Int(margin)
        pictureX = Int(margin) + (contentWidth - pictureWidth) / 2
        pictureY = Int((margin + 4.6 * unit).rounded())
        matHeight = pictureHeight
        (self.rows, rowHeight, self.isHatched) = (rows, ((rows > 1 ? 0.7 : 0.85) * unit).rounded(), isHatched)
        rowGap = max(1, (unit / 14).rounded())
        barHeight = Double(rows) * (rowHeight + rowGap) - rowGap
        let (content, least) = (Double(contentWidth), 16 * unit)
        let beside = content * 0.64 / Double(max(1, legends))
        self.legends = legends
        if legends > 2, beside < least {
            columns = max(2, Int(content / least))
            // Scale bar and notice stand to the right of the first row alone.
            inFirstRow = max(1, Int(0.67 * Double(columns)))
            barWidth = (content / Double(columns) - 2 * unit).rounded(.down)
        } else {
            (columns, inFirstRow) = (max(1, legends), max(1, legends))
            barWidth = (legends < 2 ? 20 * unit : beside - 2 * unit).rounded()
        }
        legendsWidth = Double(min(legends, inFirstRow)) * (barWidth + 2 * unit)
        longestScaleBar = min(Double(pictureWidth) * 0.6, content * 0.28, content - legendsWidth - 3.5 * unit)
    }

    /// Of the legend whose title takes most.
    var titleLines = 1
    /// Of what is said against the map.
    var doubtLines = 0

    private let isHatched: Bool
    private let legends: Int
    /// Colour bars in a row, and in the first one.
    private let columns: Int
    private let inFirstRow: Int
    let rows: Int
    let rowHeight: Double
    private let rowGap: Double
    /// Of all rows of a colour bar.
    let barHeight: Double
    let longestScaleBar: Double
    let barWidth: Double
    /// Of the first row of colour bars with the space to their right.
    let legendsWidth: Double
    static let lineHeight = 1.25
    var left: Double { margin }
    var right: Double { margin + Double(contentWidth) }
    var titleBaseline: Double { margin + 1.35 * unit }
    var factsBaseline: Double { margin + 3.15 * unit }
    private var matBottom: Double { Double(pictureY + matHeight) }
    /// The last legend of the first row, right of which is room for words.
    var lastOfFirstRow: Int { inFirstRow - 1 }

    private func place(of legend: Int) -> (row: Int, column: Int) {
        guard legend >= inFirstRow else { return (0, legend) }
        return ((legend - inFirstRow) / columns + 1, (legend - inFirstRow) % columns)
    }

    /// From the titles of one row of legends to those of the next.
    private var pitch: Double { 4.45 * unit + barHeight + titlesAbove }
    /// Of all lines of a title but its last.
    private var titlesAbove: Double { Double(titleLines - 1) * Self.lineHeight * unit }

    /// Of the last line of a legend's title.
    func legendBaseline(_ legend: Int = 0) -> Double {
        matBottom + Double(place(of: legend).row) * pitch + titlesAbove + 2.3 * unit
    }
    func barTop(_ legend: Int = 0) -> Double { (legendBaseline(legend) + 0.65 * unit).rounded() }
    /// - Parameter row: of colours in the bar.
    func rowTop(_ row: Int, of legend: Int = 0) -> Double { barTop(legend) + Double(row) * (rowHeight + rowGap) }
    func tickBaseline(_ legend: Int = 0) -> Double { barTop(legend) + barHeight + 1.5 * unit }
    func barLeft(_ legend: Int) -> Double { left + Double(place(of: legend).column) * (barWidth + 2 * unit) }

    private var lastTickBaseline: Double { tickBaseline(max(0, legends - 1)) }
    var hatchBaseline: Double { lastTickBaseline + 2.2 * unit }
    func doubtBaseline(_ line: Int) -> Double {
        lastTickBaseline + ((isHatched ? 4.4 : 2.2) + Double(line) * Self.lineHeight) * unit
    }

    var height: Int {
        let legendRows = Double(place(of: max(0, legends - 1)).row + 1)
        let hatch = isHatched ? 2.2 * unit : 0
        let doubt = doubtLines > 0 ? (2.2 + Double(doubtLines - 1) * Self.lineHeight) * unit : 0
        return pictureY + matHeight + Int((legendRows * pitch + margin).rounded()) + Int(hatch.rounded())
            + Int(doubt.rounded())
    }
}

/// Draws the parts of the sheet.
struct SheetPen {
    static let paper = RGB(255, 255, 255)
    static let mat = RGB(246, 247, 249)
    static let line = RGB(208, 213, 219)
    static let ink = RGB(27, 31, 36)
    static let quiet = RGB(92, 100, 110)

    let layout: SheetLayout
    let regular: Typeface
    let bold: Typeface

    func drawMat(on canvas: inout RGBImage) {
        let (x, y) = (layout.left, Double(layout.pictureY))
        let (width, height) = (Double(layout.contentWidth), Double(layout.matHeight))
        canvas.fill(x: x - 1, y: y - 1, width: width + 2, height: height + 2, Self.line)
        canvas.fill(x: x, y: y, width: width, height: height, Self.mat)
    }

    func drawHeader(_ caption: HeatmapCaption, on canvas: inout RGBImage) throws {
        let (title, text) = (1.65 * layout.unit, layout.unit)
        let half = Double(layout.contentWidth) * 0.5 - layout.unit
        let result = try bold.shortened(caption.result, size: title, width: half)
        let decided = ([caption.call] + caption.further).filter { !$0.isEmpty }.joined(separator: "  ·  ")
        let call = try regular.shortened(decided, size: text, width: half)
        try drawRight(result, bold, title, layout.titleBaseline, Self.ink, on: &canvas)
        try drawRight(call, regular, text, layout.factsBaseline, Self.quiet, on: &canvas)
        func room(_ taken: Double) -> Double { Double(layout.contentWidth) - taken - 2 * layout.unit }
        let slide = try bold.shortened(
            caption.slide,
            size: title,
            width: room(try bold.width(result, size: title))
        )
        let facts = try regular.shortened(
            caption.facts,
            size: text,
            width: room(try regular.width(call, size: text))
        )
        try bold.draw(
            slide,
            size: title,
            x: layout.left,
            baseline: layout.titleBaseline,
            colour: Self.ink,
            on: &canvas
        )
        try regular.draw(
            facts,
            size: text,
            x: layout.left,
            baseline: layout.factsBaseline,
            colour: Self.quiet,
            on: &canvas
        )
    }

    func drawScaleBar(_ bar: ScaleBar, on canvas: inout RGBImage) throws {
        let thickness = max(2, (0.18 * layout.unit).rounded())
        let cap = (0.6 * layout.unit).rounded()
        let start = layout.right - bar.pixels
        let middle = (layout.barTop() + layout.barHeight / 2).rounded()
        canvas.fill(x: start, y: middle - thickness / 2, width: bar.pixels, height: thickness, Self.ink)
        for x in [start, layout.right - thickness] {
            canvas.fill(x: x, y: middle - cap / 2, width: thickness, height: cap, Self.ink)
        }
        let width = try regular.width(bar.label, size: layout.unit)
        try regular.draw(
            bar.label,
            size: layout.unit,
            x: start + (bar.pixels - width) / 2,
            baseline: layout.legendBaseline(),
            colour: Self.ink,
            on: &canvas
        )
    }

    /// The hatch of what no patch covers, and its share.
    func drawHatch(_ text: String, on canvas: inout RGBImage) throws {
        let (hatch, side) = (Hatch(unit: layout.unit), Int((0.85 * layout.unit).rounded()))
        let (left, top) = (Int(layout.left), Int(layout.hatchBaseline) - side)
        let width = Int(2.5 * layout.unit)
        for y in 0..<side {
            for x in 0..<width {
                canvas.blend(hatch.colour(x: x, y: y) ?? Self.line, share: 1, x: left + x, y: top + y)
            }
        }
        let start = layout.left + Double(width) + 0.6 * layout.unit
        let shown = try regular.shortened(text, size: layout.unit, width: layout.right - start)
        try regular.draw(
            shown,
            size: layout.unit,
            x: start,
            baseline: layout.hatchBaseline,
            colour: Self.ink,
            on: &canvas
        )
    }

    func drawNotice(_ text: String, on canvas: inout RGBImage) throws {
        let size = 0.85 * layout.unit
        let room = Double(layout.contentWidth) - layout.legendsWidth
        let shown = try regular.shortened(text, size: size, width: room)
        try drawRight(shown, regular, size, layout.tickBaseline(), Self.quiet, on: &canvas)
    }

    /// What is said against the map, in whole.
    func drawDoubt(_ lines: [String], on canvas: inout RGBImage) throws {
        for (line, text) in lines.enumerated() {
            try regular.draw(
                text,
                size: layout.unit,
                x: layout.left,
                baseline: layout.doubtBaseline(line),
                colour: Self.ink,
                on: &canvas
            )
        }
    }

    private func drawRight(
        _ text: String,
        _ face: Typeface,
        _ size: Double,
        _ baseline: Double,
        _ colour: RGB,
        on canvas: inout RGBImage
    ) throws {
        let width = try face.width(text, size: size)
        try face.draw(text, size: size, x: layout.right - width, baseline: baseline, colour: colour, on: &canvas)
    }
}
