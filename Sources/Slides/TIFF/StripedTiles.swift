import CJ2K
import CJPEG
import Records

/// A level that lies in strips: decoded as a whole at its first read, and cut into tiles then. Missing strips are white.
final class StripedTiles: TileSource {
    let grid: TileGrid

    private let size: PixelSize
    private let rowsPerStrip: Int
    /// Of all pixels; nil until the first read.
    private var pixels: UnsafeMutablePointer<UInt8>?
    private var isDamaged: [Bool]
    private let directory: TIFFDirectory
    private let files: [TIFFFile]
    private let samples: TIFFSamples
    private let parts: StoredParts
    private let codec: Codec

    private enum Codec {
        case samples
        case jpeg(cjpeg_components)
        case jpeg2000(cj2k_components)
    }

    /// - Parameters:
    ///   - directories: one, or of each colour one.
    ///   - range: what 16-bit samples lie between.
    /// - Throws: `SlideFault` where the file is no longer as it was described, or its numbers do not fit.
    init(
        path: String,
        _ directories: [TIFFDirectory],
        _ form: TIFFForm,
        range: ClosedRange<Double>,
        _ rules: ReadingRules
    ) throws {
        directory = directories[0]
        size = directory.size
        rowsPerStrip = directory.partSize.height
        grid = TileGrid(
            size: size,
            tileSize: PixelSize(width: min(Self.side, size.width), height: min(Self.side, size.height))
        )
        isDamaged = Array(repeating: false, count: (size.height - 1) / rowsPerStrip + 1)
        files = try directories.map { directory in
            guard let file = TIFFFile(path: path, directory) else {
                throw SlideFault(text: "a directory cannot be read")
            }
            return file
        }
        let planes = directory.isPlanar && directory.samples >= 3 ? 3 : directories.count
        samples = TIFFSamples(directory, planes: planes, range: range)
        parts = StoredParts(files[0], pixels: size.width * rowsPerStrip)
        codec =
            switch form {
            case .samples: .samples
            case .jpeg: .jpeg(try parts.components(of: directory, rules))
            case .jpeg2000: .jpeg2000(parts.components2000(of: directory))
            }
        guard form != .samples || samples.fits(directory) else {
            throw SlideFault(text: "rows of \(directory.decodedBytes) bytes do not fit their samples")
        }
    }

    deinit { pixels?.deallocate() }

    /// - Throws: `SlideError.refused` for more pixels than may be held.
    static func check(_ size: PixelSize) throws {
        guard size.width > most / size.height else { return }
        throw SlideError.refused(
            "the image of \(size.width) × \(size.height) pixels lies in strips, which are read up to 100 million pixels",
            wayOut: WayOut.conversion
        )
    }

    /// Strips say nothing of where in them something is.
    var byteCounts: [Int] { [] }

    func isMissing(_ tile: Int) -> Bool { false }

    func decode(_ tile: Int, into target: UnsafeMutablePointer<UInt8>) -> Bool {
        let pixels = decoded()
        let rect = grid.rect(of: tile)
        let inside = rect.clipped(to: size)
        let strips = (inside.y / rowsPerStrip)...((inside.y + inside.height - 1) / rowsPerStrip)
        guard !isDamaged[strips].contains(true) else { return false }
        target.update(repeating: 255, count: grid.tileBytes)
        let whole = PixelRect(x: 0, y: 0, width: size.width, height: size.height)
        TileWindow.copy(pixels, whole, to: target, rect, rowLength: rect.width)
        return true
    }

    private func decoded() -> UnsafeMutablePointer<UInt8> {
        if let pixels { return pixels }
        let bytes = size.width * size.height * 3
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes)
        memory.initialize(repeating: 255, count: bytes)
        pixels = memory
        switch codec {
        case .samples: decodeRows(into: memory)
        case .jpeg(let components): decodeJPEG(components, into: memory)
        case .jpeg2000(let components):
            decodeStreams(into: memory) { stream, rows, target in
                let (width, height) = (UInt32(size.width), UInt32(rows))
                return cj2k_decode(stream.baseAddress, stream.count, components, width, height, target) == 0
            }
        }
        return memory
    }

    private func decodeRows(into memory: UnsafeMutablePointer<UInt8>) {
        let planes = directory.isPlanar && directory.samples >= 3 ? 3 : files.count
        let count = directory.decodedBytes
        let row = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        defer { row.deallocate() }
        for plane in 0..<planes {
            let file = files[files.count == 1 ? 0 : plane]
            let number = files.count == 1 ? plane : 0
            for strip in isDamaged.indices where file.byteCount(of: number * isDamaged.count + strip) != 0 {
                for y in rows(of: strip) {
                    guard file.decodeRow(y, plane: number, count, into: row) else {
                        isDamaged[strip] = true
                        break
                    }
                    samples.write(
                        row,
                        count: size.width,
                        channel: planes == 1 ? nil : plane,
                        to: memory.advanced(by: y * size.width * 3)
                    )
                }
            }
        }
    }

    private func decodeJPEG(_ components: cjpeg_components, into memory: UnsafeMutablePointer<UInt8>) {
        // The last strip may have fewer rows.
        var decoders: [Int: JPEGTileDecoder] = [:]
        for rows in [rowsPerStrip, size.height - (isDamaged.count - 1) * rowsPerStrip] where decoders[rows] == nil {
            decoders[rows] = JPEGTileDecoder(
                tables: directory.jpegTables,
                components,
                width: size.width,
                height: rows
            )
        }
        decodeStreams(into: memory) { stream, rows, target in decoders[rows]?.decode(stream, into: target) ?? false }
    }

    private func decodeStreams(
        into memory: UnsafeMutablePointer<UInt8>,
        _ decode: (UnsafeBufferPointer<UInt8>, _ rows: Int, UnsafeMutablePointer<UInt8>) -> Bool
    ) {
        for strip in isDamaged.indices where !parts.isMissing(strip) {
            let rows = rows(of: strip)
            let target = memory.advanced(by: rows.lowerBound * size.width * 3)
            isDamaged[strip] = parts.with(strip) { decode($0, rows.count, target) } != true
        }
    }

    private func rows(of strip: Int) -> Range<Int> {
        strip * rowsPerStrip..<min(size.height, (strip + 1) * rowsPerStrip)
    }

    /// Pixels that are held decoded: 300 MB.
    private static let most = 100_000_000
    private static let side = 512
}
