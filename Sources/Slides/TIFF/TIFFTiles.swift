import CJ2K
import Records

/// The tiles of one level of a TIFF, in any form but three components of JPEG, which `JPEGTiles` reads.
final class TIFFTiles: TileSource {
    let grid: TileGrid

    /// A file for each plane, or the one that has them all, and the number of the plane's first tile in it.
    private struct Plane {
        var parts: StoredParts
        var first: Int
    }

    private let planes: [Plane]
    private let samples: TIFFSamples
    /// nil where libtiff decodes.
    private let components: cj2k_components?
    private let decodedBytes: Int
    private var decoded: [UInt8] = []

    /// - Parameters:
    ///   - directories: one, or of each colour one.
    ///   - range: what 16-bit samples lie between.
    /// - Throws: `SlideFault` where the file is no longer as it was described, or its numbers do not fit.
    init(path: String, _ directories: [TIFFDirectory], _ form: TIFFForm, range: ClosedRange<Double>) throws {
        let directory = directories[0]
        grid = TileGrid(size: directory.size, tileSize: directory.partSize)
        let pixels = directory.partSize.width * directory.partSize.height
        let parts = try directories.map { directory in
            guard let file = TIFFFile(path: path, directory) else {
                throw SlideFault(text: "a directory cannot be read")
            }
            return StoredParts(file, pixels: pixels)
        }
        let count = grid.count
        if directory.isPlanar && directory.samples >= 3 {
            planes = (0..<3).map { Plane(parts: parts[0], first: $0 * count) }
        } else {
            planes = parts.map { Plane(parts: $0, first: 0) }
        }
        components = form == .jpeg2000 ? parts[0].components2000(of: directory) : nil
        samples = TIFFSamples(directory, planes: planes.count, range: range)
        decodedBytes = directory.decodedBytes
        guard components != nil || samples.fits(directory) else {
            throw SlideFault(text: "tiles of \(decodedBytes) bytes do not fit their samples")
        }
    }

    /// Only compressed tiles tell by their bytes how much they show; of others, and of several planes, nothing is told.
    var byteCounts: [Int] {
        guard let plane = planes.first, planes.count == 1 else { return [] }
        let counts = (0..<grid.count).map { plane.parts.byteCount(of: $0) ?? 0 }
        return counts.contains { $0 > 0 && $0 < decodedBytes } ? counts : []
    }

    func isMissing(_ tile: Int) -> Bool { planes.allSatisfy { $0.parts.isMissing($0.first + tile) } }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        let (size, first) = (grid.tileSize, planes[0])
        if let components {
            return first.parts.with(tile) { stream in
                cj2k_decode(
                    stream.baseAddress,
                    stream.count,
                    components,
                    UInt32(size.width),
                    UInt32(size.height),
                    pixels
                ) == 0
            } ?? false
        }
        if samples.isPlain, planes.count == 1 {
            return !first.parts.isMissing(tile) && first.parts.file.decodeTile(tile, decodedBytes, into: pixels)
        }
        if decoded.isEmpty { decoded = Array(repeating: 0, count: decodedBytes) }
        return decoded.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return planes.indices.allSatisfy { index in
                let plane = planes[index]
                guard !plane.parts.isMissing(plane.first + tile),
                    plane.parts.file.decodeTile(plane.first + tile, decodedBytes, into: base)
                else { return false }
                samples.write(
                    base,
                    count: size.width * size.height,
                    channel: planes.count == 1 ? nil : index,
                    to: pixels
                )
                return true
            }
        }
    }
}
