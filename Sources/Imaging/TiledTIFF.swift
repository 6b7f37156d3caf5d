import CTIFF
import Files
public import Records

/// An open TIFF file that takes levels of tiles; closed at the end of its life. The only place that calls the C writer.
/// Equal pixels give equal bytes: no date, no host, no path in the file.
public struct TiledTIFF: ~Copyable {
    /// How a pixel is stored.
    public enum Storage: Equatable, Sendable {
        /// RGB components as JPEG.
        case rgb(quality: Int)
        /// YCbCr as JPEG; chroma columns and rows are kept, or halved for 2.
        case yCbCr(quality: Int, subsampleX: Int, subsampleY: Int)
        /// RGBA, colours multiplied by alpha, compressed without loss.
        case rgba

        public var samples: Int { self == .rgba ? 4 : 3 }
    }

    public enum Resolution: Equatable, Sendable {
        case none
        case perCentimetre(Double)
        case perInch(Double)
    }

    /// One directory of the file.
    public struct Level: Equatable, Sendable {
        public var size: PixelSize
        /// Side of the square tiles in pixels, a multiple of 16.
        public var tileSize: Int
        public var storage: Storage
        /// Whether it is a smaller version of another level.
        public var isReduced: Bool
        /// ImageDescription.
        public var description: String?
        public var resolution: Resolution

        public init(
            size: PixelSize,
            tileSize: Int,
            storage: Storage,
            isReduced: Bool,
            description: String?,
            resolution: Resolution
        ) {
            self.size = size
            self.tileSize = tileSize
            self.storage = storage
            self.isReduced = isReduced
            self.description = description
            self.resolution = resolution
        }
    }

    /// Takes a band of whole rows, at most one tile high, and the number of its first row.
    public typealias BandWriter = (_ top: Int, _ rows: UnsafeBufferPointer<UInt8>) throws -> Void

    private let writer: OpaquePointer
    /// The final name, for messages.
    private let shownPath: String

    /// - Throws: `StorageError.system` or `.tiff`, as all functions here.
    public init(path: String, shownPath: String, big: Bool) throws {
        var opened: OpaquePointer?
        guard ctiff_writer_open(path, big ? 1 : 0, &opened) == 0, let opened else {
            throw Self.failure(shownPath)
        }
        writer = opened
        self.shownPath = shownPath
    }

    deinit { ctiff_writer_close(writer) }

    /// Writes one directory; `body` hands over the bands from top to bottom.
    public func write(_ level: Level, _ body: (BandWriter) throws -> Void) throws {
        try begin(level)
        let (side, samples) = (level.tileSize, level.storage.samples)
        let tile = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: side * side * samples)
        defer { tile.deallocate() }
        try body { top, rows in
            for left in stride(from: 0, to: level.size.width, by: side) {
                Self.cut(tile, side: side, samples: samples, left: left, from: rows, width: level.size.width)
                try check(ctiff_writer_write_tile(writer, UInt32(left), UInt32(top), tile.baseAddress, tile.count))
            }
        }
        try check(ctiff_writer_end_level(writer))
    }

    private func begin(_ wanted: Level) throws {
        var level = ctiff_level()
        level.width = UInt32(wanted.size.width)
        level.height = UInt32(wanted.size.height)
        level.tile_size = UInt32(wanted.tileSize)
        (level.subsample_x, level.subsample_y) = (1, 1)
        switch wanted.storage {
        case .rgb(let quality): (level.quality, level.rgb_components) = (Int32(quality), 1)
        case .yCbCr(let quality, let x, let y):
            (level.quality, level.subsample_x, level.subsample_y) = (Int32(quality), Int32(x), Int32(y))
        case .rgba: level.rgba = 1
        }
        level.reduced = wanted.isReduced ? 1 : 0
        (level.resolution_unit, level.resolution) =
            switch wanted.resolution {
            case .none: (Int32(CTIFF_UNIT_NONE), 0)
            case .perInch(let value): (Int32(CTIFF_UNIT_INCH), value)
            case .perCentimetre(let value): (Int32(CTIFF_UNIT_CENTIMETRE), value)
            }
        guard let text = wanted.description else { return try check(ctiff_writer_begin_level(writer, &level)) }
        try text.withCString {
            level.description = $0
            try check(ctiff_writer_begin_level(writer, &level))
        }
    }

    /// Copies a tile out of a band; what lies beyond the image repeats its last column and row, which JPEG stores cheaply.
    private static func cut(
        _ tile: UnsafeMutableBufferPointer<UInt8>,
        side: Int,
        samples: Int,
        left: Int,
        from rows: UnsafeBufferPointer<UInt8>,
        width: Int
    ) {
        let stride = width * samples
        let height = rows.count / stride
        let inside = min(side, width - left) * samples
        for row in 0..<side {
            let source = min(row, height - 1) * stride + left * samples
            let target = row * side * samples
            for offset in 0..<inside { tile[target + offset] = rows[source + offset] }
            for offset in inside..<(side * samples) { tile[target + offset] = tile[target + offset - samples] }
        }
    }

    private func check(_ status: Int32) throws {
        guard status == 0 else { throw Self.failure(shownPath) }
    }

    private static func failure(_ path: String) -> StorageError {
        let code = ctiff_writer_errno()
        return code == 0
            ? .tiff(path: path, reason: String(cString: ctiff_writer_message()))
            : .system(path: path, call: "write", errno: code)
    }
}
