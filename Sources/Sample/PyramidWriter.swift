import Files
public import Foundation
import Imaging
import Records
import Storage

/// Writes an image as a tiled JPEG TIFF pyramid. Equal pixels and options give equal bytes: no date, no host, no path in the file.
public enum PyramidWriter {
    /// Writes `source` and its area-averaged levels; the file appears under `url` only when it is complete.
    /// - Throws: `SampleError` for senseless options, `StorageError` for a failing libtiff or file system.
    public static func write(_ source: some PixelSource, to url: URL, options: PyramidOptions = .init()) throws {
        let sizes = try options.levelSizes(of: source.size)
        try AtomicFile.publish(to: url) { temporary in
            let file = try TiledTIFF(path: temporary.path, shownPath: url.path, big: options.bigTIFF)
            var level = try writeBase(source, sizes: sizes, options: options, to: file)
            for index in sizes.indices.dropFirst() {
                guard let image = level else { break }
                level = try writeReduced(image, index: index, sizes: sizes, options: options, to: file)
            }
        }
    }

    /// Streams the source through in bands of one tile row; returns the next level, if one is wanted.
    private static func writeBase(
        _ source: some PixelSource,
        sizes: [PixelSize],
        options: PyramidOptions,
        to file: borrowing TiledTIFF
    ) throws -> PixelArray? {
        let size = source.size
        var next = sizes.count > 1 ? AreaAverage(size: sizes[1], factor: options.factor) : nil
        try file.write(options.level(size, base: size, factor: 1)) { write in
            let stride = size.width * 3
            let band = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(options.tileSize, size.height) * stride)
            defer { band.deallocate() }
            for top in Swift.stride(from: 0, to: size.height, by: options.tileSize) {
                let rows = top..<min(top + options.tileSize, size.height)
                let filled = UnsafeMutableBufferPointer(rebasing: band[..<(rows.count * stride)])
                source.read(rows: rows, into: filled)
                try write(top, UnsafeBufferPointer(filled))
                for row in 0..<rows.count {
                    next?.add(row: UnsafeBufferPointer(rebasing: filled[(row * stride)..<((row + 1) * stride)]))
                }
            }
        }
        return try next.map { try PixelArray(size: $0.size, bytes: $0.bytes) }
    }

    /// Writes a level that is in memory; returns the next one, if one is wanted.
    private static func writeReduced(
        _ image: PixelArray,
        index: Int,
        sizes: [PixelSize],
        options: PyramidOptions,
        to file: borrowing TiledTIFF
    ) throws -> PixelArray? {
        let stride = image.size.width * 3
        var factor = 1
        for _ in 0..<index { factor *= options.factor }
        return try image.bytes.withUnsafeBufferPointer { bytes in
            try file.write(options.level(image.size, base: sizes[0], factor: factor)) { write in
                for top in Swift.stride(from: 0, to: image.size.height, by: options.tileSize) {
                    let end = min(top + options.tileSize, image.size.height)
                    try write(top, UnsafeBufferPointer(rebasing: bytes[(top * stride)..<(end * stride)]))
                }
            }
            guard index + 1 < sizes.count else { return nil }
            var next = AreaAverage(size: sizes[index + 1], factor: options.factor)
            for row in 0..<image.size.height {
                next.add(row: UnsafeBufferPointer(rebasing: bytes[(row * stride)..<((row + 1) * stride)]))
            }
            return try PixelArray(size: next.size, bytes: next.bytes)
        }
    }
}
