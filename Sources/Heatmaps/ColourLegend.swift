public import Imaging
import Records

/// A colour bar's title, numbers and colours.
public struct ColourLegend: Equatable, Sendable {
    public var title: String
    public var scale: HeatmapScale
    public var colours: ColourMap
    /// Of the picture. Under 1 its colours are mixed with what lies below, and the bar shows the mixtures.
    public var opacity: Float
    /// The mean colour of what lies below.
    public var tissue: RGB

    public init(
        title: String,
        scale: HeatmapScale,
        colours: ColourMap,
        opacity: Float = 1,
        tissue: RGB = ColourLegend.paleTissue
    ) {
        self.title = title
        self.scale = scale
        self.colours = colours
        self.opacity = opacity
        self.tissue = tissue
    }

    /// Of haematoxylin and eosin, where a picture shows no tissue that could be measured.
    public static let paleTissue = RGB(222, 174, 204)

    /// What the colours lie on, a row of the bar for each; of a map that covers it, nothing shows through.
    var grounds: [(name: String, colour: RGB)] {
        opacity < 1 ? [("over white", SheetPen.paper), ("over tissue", tissue)] : [("", SheetPen.paper)]
    }

    /// The colour that a picture has at a position on the colour map.
    func colour(at position: Float, over ground: RGB) -> RGB {
        let colour = colours.colour(at: position)
        let weight = Heatmap.weight(
            at: colours.strength(at: position),
            opacity: opacity,
            faintest: Heatmap.faintest(opacity)
        )
        return ground.mixed(with: colour, share: weight)
    }
}

extension Backdrop {
    /// The mean colour in the middles of the patches. It is taken as the maps are mixed, in sRGB, so that the mixture with
    /// the mean is the mean of the mixtures.
    func tissue(under maps: SlideMaps) -> RGB {
        var (sums, count) = ([0, 0, 0], 0)
        for corner in maps.corners {
            let half = Double(maps.side) / 2
            let x = (Double(corner.x) + half - grid.x) / grid.downsampleX
            let y = (Double(corner.y) + half - grid.y) / grid.downsampleY
            guard x >= 0, y >= 0, x < Double(image.width), y < Double(image.height) else { continue }
            let colour = image[Int(x), Int(y)]
            for (channel, value) in [colour.red, colour.green, colour.blue].enumerated() { sums[channel] += Int(value) }
            count += 1
        }
        guard count > 0 else { return ColourLegend.paleTissue }
        let mean = sums.map { UInt8((Double($0) / Double(count)).rounded()) }
        return RGB(mean[0], mean[1], mean[2])
    }
}

extension SheetPen {
    /// - Parameters:
    ///   - title: in lines.
    ///   - index: of the colour bars from left to right, row after row.
    func drawColourBar(_ legend: ColourLegend, title: [String], index: Int, on canvas: inout RGBImage) throws {
        let (left, width) = (layout.barLeft(index), layout.barWidth)
        for (above, line) in title.reversed().enumerated() {
            try regular.draw(
                line,
                size: layout.unit,
                x: left,
                baseline: layout.legendBaseline(index) - Double(above) * SheetLayout.lineHeight * layout.unit,
                colour: Self.ink,
                on: &canvas
            )
        }
        // Faint colours over white would have no visible end.
        let top = layout.barTop(index)
        canvas.fill(x: left - 1, y: top - 1, width: width + 2, height: layout.barHeight + 2, Self.line)
        for (row, ground) in legend.grounds.enumerated() {
            for column in 0..<Int(width) {
                let colour = legend.colour(at: Float((Double(column) + 0.5) / width), over: ground.colour)
                canvas.fill(
                    x: left + Double(column),
                    y: layout.rowTop(row, of: index),
                    width: 1,
                    height: layout.rowHeight,
                    colour
                )
            }
        }
        try drawTicks(legend.scale, index: index, on: &canvas)
    }

    private func drawTicks(_ scale: HeatmapScale, index: Int, on canvas: inout RGBImage) throws {
        let (left, width) = (layout.barLeft(index), layout.barWidth)
        let size = 0.85 * layout.unit
        let mark = max(1, (layout.unit / 14).rounded())
        for (position, label) in scale.ticks {
            let x = (left + position * (width - mark)).rounded()
            canvas.fill(
                x: x,
                y: layout.barTop(index) + layout.barHeight,
                width: mark,
                height: (0.35 * layout.unit).rounded(),
                Self.quiet
            )
            // Labels stand centred under their mark; the outermost keep inside the bar's ends.
            let labelWidth = try regular.width(label, size: size)
            let start = min(max(x + mark / 2 - labelWidth / 2, left), left + width - labelWidth)
            try regular.draw(
                label,
                size: size,
                x: start,
                baseline: layout.tickBaseline(index),
                colour: Self.quiet,
                on: &canvas
            )
        }
    }

    /// What the colours of each row lie on, once to the right of a bar.
    func nameRows(of legend: ColourLegend, index: Int, on canvas: inout RGBImage) throws {
        let size = 0.75 * layout.unit
        for (row, ground) in legend.grounds.enumerated() where !ground.name.isEmpty {
            try regular.draw(
                ground.name,
                size: size,
                x: layout.barLeft(index) + layout.barWidth + 0.5 * layout.unit,
                baseline: layout.rowTop(row, of: index) + layout.rowHeight - 0.1 * layout.unit,
                colour: Self.quiet,
                on: &canvas
            )
        }
    }
}
