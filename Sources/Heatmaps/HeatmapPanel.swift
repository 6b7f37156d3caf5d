import Imaging
public import Records
public import Storage

/// All that a model says about a slide, side by side: the slide itself, its map, each row alone, and where rows disagree.
public struct HeatmapPanel: Sendable {
    public let sheet: HeatmapSheet
    /// Where each picture lies in the sheet, with its title.
    public let cells: [(title: String, place: PixelRect)]

    /// - Parameters:
    ///   - backdrop: a picture of the slide; every cell has its size.
    ///   - uncovered: what is hatched on every map; nil where the slide's tissue is not known.
    ///   - page: the shape that the panel comes near to, width by height; normally a landscape page's.
    ///   - font: as for `HeatmapSheet`.
    public init(
        _ maps: SlideMaps,
        of file: PredictionFile,
        over backdrop: Backdrop,
        uncovered: UncoveredTissue? = nil,
        style: HeatmapStyle,
        page: Double = 1.414,
        font: String? = nil
    ) throws {
        let shown = maps.all
        let titles = ["slide"] + shown.map(\.title)
        let picture = PixelSize(width: backdrop.image.width, height: backdrop.image.height)
        let layout = PanelLayout(cells: titles.count, of: picture, page: page)
        let face = try Typeface(.bold, override: font)
        var canvas = try RGBImage.ground(width: layout.size.width, height: layout.size.height, SheetPen.mat)
        for (index, title) in titles.enumerated() {
            let place = layout.place(of: index)
            let image =
                index == 0
                ? backdrop.image
                : try style.picture(of: shown[index - 1], in: maps, over: backdrop, uncovered: uncovered)
            canvas.place(image, x: place.x, y: place.y)
            try face.draw(
                try face.shortened(title, size: layout.text, width: Double(picture.width)),
                size: layout.text,
                x: Double(place.x),
                baseline: Double(place.y) - 0.5 * layout.text,
                colour: SheetPen.ink,
                on: &canvas
            )
        }
        let masked = maps.rows.first { $0.quantity == .masked }
        let tissue = backdrop.tissue(under: maps)
        // Each way of explaining has one scale for all its rows.
        var words: Set<String> = []
        let signed = maps.rows.filter { $0.quantity.isSigned && words.insert($0.quantity.word).inserted }
        let legends = ([maps.main, masked].compactMap { $0 } + signed + [maps.disagreement].compactMap { $0 }).map {
            style.legend(of: $0, over: tissue)
        }
        sheet = try HeatmapSheet(
            picture: canvas,
            caption: HeatmapCaption(file, uncovered: uncovered),
            legends: legends,
            micronsPerPixel: file.grid.map { $0.scale.mpp * backdrop.grid.downsampleX },
            partWidth: picture.width,
            font: font
        )
        let origin = sheet.picture
        cells = titles.enumerated().map { index, title in
            var place = layout.place(of: index)
            (place.x, place.y) = (place.x + origin.x, place.y + origin.y)
            return (title, place)
        }
    }
}

/// Equal cells in rows, with a title above each.
private struct PanelLayout {
    let picture: PixelSize
    let columns: Int
    let size: PixelSize
    /// Size of the titles in pixels.
    let text: Double
    private let gap: Int
    private let titleHeight: Int

    init(cells: Int, of picture: PixelSize, page: Double) {
        self.picture = picture
        text = (Double(max(picture.width, picture.height)) / 30).rounded()
        gap = Int(text)
        titleHeight = Int(2 * text)
        let (width, height) = (picture.width + gap, picture.height + titleHeight + gap)
        // The number of columns whose sheet comes nearest to the page, with few empty places.
        func misfit(_ columns: Int) -> Double {
            let rows = (cells + columns - 1) / columns
            let ratio = Double(columns * width) / Double(rows * height)
            return max(ratio / page, page / ratio) * Double(columns * rows) / Double(cells)
        }
        columns = (1...cells).min { misfit($0) < misfit($1) } ?? 1
        let rows = (cells + columns - 1) / columns
        size = PixelSize(width: columns * width + gap, height: rows * height + gap)
    }

    func place(of cell: Int) -> PixelRect {
        PixelRect(
            x: gap + cell % columns * (picture.width + gap),
            y: gap + titleHeight + cell / columns * (picture.height + titleHeight + gap),
            width: picture.width,
            height: picture.height
        )
    }
}
