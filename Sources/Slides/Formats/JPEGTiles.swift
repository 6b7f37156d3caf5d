import CJPEG
import Records

/// The tiles of one pyramid level in a tiled JPEG TIFF, read by libtiff and decoded by libjpeg straight to RGB: the pixels
/// of OpenSlide without its detour over ARGB surfaces.
final class JPEGTiles: TileSource {
    let grid: TileGrid

    private let parts: StoredParts
    private let decoder: JPEGTileDecoder
    /// How many tiles were decoded so far.
    private(set) var decoded = 0

    /// nil where OpenSlide would not decode the level's tiles in the same way: other compressions, planes or samples,
    /// several directories of one size; and where nobody can tell what their components are.
    convenience init?(path: String, size: PixelSize, rules: ReadingRules = ReadingRules()) {
        let found = TIFFFile(path: path)?.directories().filter { $0.size == size && $0.isTiled } ?? []
        guard found.count == 1, let directory = found.first, Self.isRead(directory),
            let file = TIFFFile(path: path, directory)
        else { return nil }
        let parts = StoredParts(file, pixels: directory.partSize.area)
        guard let components = try? parts.components(of: directory, rules) else { return nil }
        self.init(parts, directory, components)
    }

    /// - Parameter directory: of tiles of three JPEG components.
    init?(_ parts: StoredParts, _ directory: TIFFDirectory, _ components: cjpeg_components) {
        let tile = directory.partSize
        guard
            let made = JPEGTileDecoder(
                tables: directory.jpegTables,
                components,
                width: tile.width,
                height: tile.height
            )
        else { return nil }
        (self.parts, decoder) = (parts, made)
        grid = TileGrid(size: directory.size, tileSize: tile)
    }

    private static func isRead(_ directory: TIFFDirectory) -> Bool {
        let (jpeg, rgb, yCbCr, tile): (UInt16, UInt16, UInt16, PixelSize) = (7, 2, 6, directory.partSize)
        let sides = 1...largestSide
        guard directory.compression == jpeg, [rgb, yCbCr].contains(directory.photometric), !directory.isPlanar,
            directory.bits == 8, directory.samples == 3,
            sides.contains(tile.width), sides.contains(tile.height), directory.size.width > 0,
            directory.size.height > 0
        else { return false }
        return directory.partCount <= TIFFForm.mostParts
            && TileGrid(size: directory.size, tileSize: tile).count == directory.partCount
    }

    /// Bytes of a compressed tile; nil for a missing one, and for more bytes than any honest tile has.
    func byteCount(of tile: Int) -> Int? { parts.byteCount(of: tile) }

    func isMissing(_ tile: Int) -> Bool { parts.isMissing(tile) }

    var byteCounts: [Int] { (0..<grid.count).map { byteCount(of: $0) ?? 0 } }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        parts.with(tile) { stream in
            decoded += 1
            return decoder.decode(stream, into: pixels)
        } ?? false
    }

    /// Tiles are decoded as a whole: 12 MB at most.
    private static let largestSide = 2048
}
