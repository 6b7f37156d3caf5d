import Files
public import Foundation
import Records
import Storage

extension OverlayPyramid {
    /// Writes the overlay as Deep Zoom: `NAME.dzi` and its tiles, PNG without overlap, in `NAME_files/LEVEL/COLUMN_ROW.png`.
    /// Level numbers follow the format: the last level is the full one, and every level before has half its side.
    /// The folder of the tiles appears in one step, so that tiles of another pyramid never stand among them.
    /// - Parameter url: of the `.dzi`, which is written last.
    /// - Returns: every file written.
    /// - Throws: `StorageError`, `ReviewError`.
    public func writeDeepZoom(to url: URL) throws -> [URL] {
        let full = size()
        let folder = URL(filePath: url.deletingPathExtension().path + "_files")
        let names = try AtomicFile.publishFolder(to: folder) { try writeTiles(to: $0, of: full) }
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="png" Overlap="0" \
            TileSize="\(Self.tileSize)"><Size Width="\(full.width)" Height="\(full.height)"/></Image>

            """
        try AtomicFile.write(text, to: url)
        return names.map { folder.appending(path: $0) } + [url]
    }

    /// - Returns: their paths below `folder`.
    private func writeTiles(to folder: URL, of full: PixelSize) throws -> [String] {
        let positions = try heatmap.positions()
        var names: [String] = []
        var last = 0
        while 1 << last < max(full.width, full.height) { last += 1 }
        for level in 0...last {
            let reduction = 1 << (last - level)
            let width = size(reduction: reduction).width
            try bands(of: Self.tileSize, reduction: reduction, positions) { top, rows, pixels in
                for left in stride(from: 0, to: width, by: Self.tileSize) {
                    let columns = left..<min(left + Self.tileSize, width)
                    let tile = Self.cut(columns, from: pixels, width: width, rows: rows)
                    let name = "\(level)/\(left / Self.tileSize)_\(top / Self.tileSize).png"
                    try AtomicFile.write(
                        try PNGFile.encode(tile, width: columns.count, height: rows, hasAlpha: true),
                        to: folder.appending(path: name)
                    )
                    names.append(name)
                }
            }
        }
        return names
    }

    private static func cut(_ columns: Range<Int>, from pixels: [UInt8], width: Int, rows: Int) -> [UInt8] {
        var tile: [UInt8] = []
        tile.reserveCapacity(columns.count * rows * 4)
        for row in 0..<rows {
            let start = row * width
            tile += pixels[(start + columns.lowerBound) * 4..<(start + columns.upperBound) * 4]
        }
        return tile
    }
}
