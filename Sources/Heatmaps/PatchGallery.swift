public import Imaging
public import Records
public import Storage

/// The patches with the highest and the lowest values of a map, as the slide shows them at full resolution.
public struct PatchGallery: Sendable {
    public let sheet: HeatmapSheet
    /// Where each patch lies in the sheet, with its row.
    public let tiles: [(row: Int, place: PixelRect)]

    /// Sides beyond this are shrunk, so that eight patches fit on a screen.
    private static let largestSide = 512

    /// - Parameters:
    ///   - count: patches from each end of the order; the same patch is never shown twice.
    ///   - read: the pixels of the patch with a corner in level 0; nil where they cannot be read.
    ///   - font: as for `HeatmapSheet`.
    public init(
        _ map: PatchMap,
        in maps: SlideMaps,
        of file: PredictionFile,
        count: Int,
        font: String? = nil,
        read: (PixelPoint) throws -> RGBImage?
    ) throws {
        let order = map.descending
        let highest = Array(order.prefix(count))
        let lowest = Array(order.dropFirst(count).suffix(count).reversed())
        let side = min(maps.side, Self.largestSide)
        let layout = GalleryLayout(
            side: side,
            columns: min(count, max(1, order.count)),
            sections: lowest.isEmpty ? 1 : 2
        )
        let (regular, bold) = (try Typeface(.regular, override: font), try Typeface(.bold, override: font))
        var canvas = try RGBImage.ground(width: layout.size.width, height: layout.size.height, SheetPen.mat)
        var places: [(row: Int, place: PixelRect)] = []
        for (section, rows) in [highest, lowest].enumerated() where !rows.isEmpty {
            let title = "\(section == 0 ? "Highest" : "Lowest") \(map.quantity.word), \(map.title)"
            try bold.draw(
                title,
                size: 1.3 * layout.text,
                x: Double(layout.gap),
                baseline: layout.titleBaseline(section),
                colour: SheetPen.ink,
                on: &canvas
            )
            for (column, row) in rows.enumerated() {
                let place = layout.place(section, column)
                places.append((row, place))
                let image = try read(maps.corners[row])?.resized(width: side, height: side)
                if let image { canvas.place(image, x: place.x, y: place.y) }
                let rank = section == 0 ? column + 1 : order.count - column
                let corner = maps.corners[row]
                let lines = [
                    "\(rank) of \(order.count):  \(RoundNumber.short(map.values[row]))",
                    image == nil ? "cannot be read" : "x \(corner.x)  y \(corner.y)",
                ]
                for (line, text) in lines.enumerated() {
                    try (line == 0 ? bold : regular).draw(
                        try regular.shortened(text, size: layout.text, width: Double(side)),
                        size: layout.text,
                        x: Double(place.x),
                        baseline: Double(place.y + side) + layout.text * (1.3 + 1.3 * Double(line)),
                        colour: line == 0 ? SheetPen.ink : SheetPen.quiet,
                        on: &canvas
                    )
                }
            }
        }
        sheet = try HeatmapSheet(
            picture: canvas,
            caption: HeatmapCaption(file),
            legends: [],
            micronsPerPixel: file.grid.map { $0.scale.mpp * Double(maps.side) / Double(side) },
            partWidth: side,
            font: font
        )
        let origin = sheet.picture
        tiles = places.map { row, place in
            (row, PixelRect(x: place.x + origin.x, y: place.y + origin.y, width: side, height: side))
        }
    }
}

/// Sections of one row of patches each, with a title above and two lines below every patch.
private struct GalleryLayout {
    let side: Int
    let gap: Int
    let text: Double
    let size: PixelSize
    private let sectionHeight: Int

    init(side: Int, columns: Int, sections: Int) {
        self.side = side
        text = max(13, (Double(side) / 14).rounded())
        gap = Int(text)
        sectionHeight = side + Int(6.5 * text)
        size = PixelSize(width: gap + columns * (side + gap), height: gap + sections * sectionHeight)
    }

    func titleBaseline(_ section: Int) -> Double { Double(gap + section * sectionHeight) + 1.3 * text }

    func place(_ section: Int, _ column: Int) -> PixelRect {
        PixelRect(
            x: gap + column * (side + gap),
            y: gap + section * sectionHeight + Int(2.2 * text),
            width: side,
            height: side
        )
    }
}
