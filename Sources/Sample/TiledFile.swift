import CTIFF
import Records

/// An open TIFF file that takes levels of tiles; closed at the end of its life. The only place that calls the C writer.
struct TiledFile: ~Copyable {
    /// Takes a band of whole rows, at most one tile high, and the number of its first row.
    typealias BandWriter = (_ top: Int, _ rows: UnsafeBufferPointer<UInt8>) throws -> Void

    private let writer: OpaquePointer
    /// The final name, for messages.
    private let shownPath: String

    init(path: String, shownPath: String, big: Bool) throws {
        var opened: OpaquePointer?
        guard ctiff_writer_open(path, big ? 1 : 0, &opened) == 0, let opened else {
            throw Self.failure(shownPath)
        }
        writer = opened
        self.shownPath = shownPath
    }

    deinit { ctiff_writer_close(writer) }

    /// Writes one directory; `body` hands over the bands from top to bottom.
    /// - Parameter factor: how much smaller the level is than the base.
    func level(
        _ size: PixelSize,
        base: PixelSize,
        factor: Int,
        _ options: PyramidOptions,
        _ body: (BandWriter) throws -> Void
    ) throws {
        try begin(size, base: base, factor: factor, options)
        let tile = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: options.tileSize * options.tileSize * 3)
        defer { tile.deallocate() }
        try body { top, rows in
            for left in stride(from: 0, to: size.width, by: options.tileSize) {
                Self.cut(tile, side: options.tileSize, left: left, from: rows, width: size.width)
                try check(ctiff_writer_write_tile(writer, UInt32(left), UInt32(top), tile.baseAddress, tile.count))
            }
        }
        try check(ctiff_writer_end_level(writer))
    }

    private func begin(_ size: PixelSize, base: PixelSize, factor: Int, _ options: PyramidOptions) throws {
        var level = ctiff_level()
        level.width = UInt32(size.width)
        level.height = UInt32(size.height)
        level.tile_size = UInt32(options.tileSize)
        level.quality = Int32(options.quality)
        level.rgb_components = options.colour == .rgb ? 1 : 0
        level.subsample_x = options.colour == .yCbCr422 || options.colour == .yCbCr420 ? 2 : 1
        level.subsample_y = options.colour == .yCbCr420 ? 2 : 1
        level.reduced = factor == 1 ? 0 : 1
        (level.resolution_unit, level.resolution) =
            switch options.resolution {
            case .none: (Int32(CTIFF_UNIT_NONE), 0)
            case .perInch(let value): (Int32(CTIFF_UNIT_INCH), value / Double(factor))
            case .perCentimetre(let value): (Int32(CTIFF_UNIT_CENTIMETRE), value / Double(factor))
            }
        guard let text = options.descriptionText(of: size, base: base) else {
            return try check(ctiff_writer_begin_level(writer, &level))
        }
        try text.withCString {
            level.description = $0
            try check(ctiff_writer_begin_level(writer, &level))
        }
    }

    /// Copies a tile out of a band; what lies beyond the image repeats its last column and row, which JPEG stores cheaply.
    private static func cut(
        _ tile: UnsafeMutableBufferPointer<UInt8>,
        side: Int,
        left: Int,
        from rows: UnsafeBufferPointer<UInt8>,
        width: Int
    ) {
        let stride = width * 3
        let height = rows.count / stride
        let inside = min(side, width - left) * 3
        for row in 0..<side {
            let source = min(row, height - 1) * stride + left * 3
            let target = row * side * 3
            for offset in 0..<inside { tile[target + offset] = rows[source + offset] }
            for offset in inside..<(side * 3) { tile[target + offset] = tile[target + offset - 3] }
        }
    }

    private func check(_ status: Int32) throws {
        guard status == 0 else { throw Self.failure(shownPath) }
    }

    private static func failure(_ path: String) -> SampleError {
        .writing(path: path, reason: String(cString: ctiff_writer_message()))
    }
}
