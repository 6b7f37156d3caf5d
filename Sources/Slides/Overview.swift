import Imaging
import Records

/// A whole slide at a small scale: block means of a pyramid level, read in pieces of bounded memory.
///
/// Its pixels are whole blocks of level pixels, so equal input gives equal bytes whatever the pieces.
struct Overview {
    let image: RGBImage
    /// Mean alpha of each pixel; below 128 it counts as never scanned.
    let alpha: [UInt8]
    /// Level-0 pixels per pixel, in both axes; the origin is level 0's.
    let scale: Double
}

extension Overview {
    /// Averages blocks of `factor` × `factor` pixels of a level. Nothing outside the slide's bounds is read.
    /// - Throws: `SlideError.corrupt` where more than 1 % of the level or 200 pieces cannot be decoded; fewer become
    ///   transparent, never an invented colour.
    init(of slide: Slide, level: Int, factor: Int) throws {
        let source = slide.levels[level]
        var canvas = Canvas(source.size, factor: factor)
        var damage = Damage(limit: source.size.width * source.size.height / 100)
        // Whole blocks that cover the bounds.
        let (left, right) = Self.span(slide.bounds.x, slide.bounds.width, source.downsample, source.size.width, factor)
        let (top, bottom) = Self.span(
            slide.bounds.y,
            slide.bounds.height,
            source.downsample,
            source.size.height,
            factor
        )
        // Directly read, pieces share decoded tiles and can be small; readers decode again where pieces meet.
        let tiles = slide.tiles(of: level)
        let piece = max(1, (tiles == nil ? 2048 : 512) / factor) * factor
        let parts = stride(from: top, to: bottom, by: piece).flatMap { y in
            stride(from: left, to: right, by: piece).map { x in
                PixelRect(x: x, y: y, width: min(piece, right - x), height: min(piece, bottom - y))
            }
        }
        let window = tiles.map { TileWindow($0, for: parts) }
        for part in parts { try Self.read(part, of: slide, level, factor, window, &canvas, &damage) }
        image = canvas.image
        alpha = canvas.alpha
        scale = source.downsample * Double(factor)
    }

    /// Level pixels that cover a stretch of level 0, widened to whole blocks.
    private static func span(_ start: Int, _ length: Int, _ downsample: Double, _ side: Int, _ factor: Int) -> (
        Int, Int
    ) {
        let first = Int(Double(start) / downsample) / factor * factor
        let last = Int((Double(start + length) / downsample).rounded(.up))
        return (min(first, side), min((last + factor - 1) / factor * factor, side))
    }

    /// Reads a part of the level; a part that cannot be decoded is quartered until only the damage is left out.
    private static func read(
        _ part: PixelRect,
        of slide: Slide,
        _ level: Int,
        _ factor: Int,
        _ window: TileWindow?,
        _ canvas: inout Canvas,
        _ damage: inout Damage
    ) throws {
        let downsample = slide.levels[level].downsample
        do {
            let (image, alpha) = try slide.readWithAlpha(
                LevelRect(
                    level: level,
                    x: Int(Double(part.x) * downsample),
                    y: Int(Double(part.y) * downsample),
                    width: part.width,
                    height: part.height
                ),
                through: window
            )
            canvas.paint(image, alpha, x: part.x, y: part.y)
        } catch SlideError.corrupt(let text) {
            let half = max(part.width, part.height) / 2 / factor * factor
            guard half >= 128 else { return try damage.count(part, text) }
            for y in stride(from: 0, to: part.height, by: half) {
                for x in stride(from: 0, to: part.width, by: half) {
                    let quarter = PixelRect(
                        x: part.x + x,
                        y: part.y + y,
                        width: min(half, part.width - x),
                        height: min(half, part.height - y)
                    )
                    try read(quarter, of: slide, level, factor, window, &canvas, &damage)
                }
            }
        }
    }
}

/// What could not be decoded so far.
private struct Damage {
    let limit: Int
    var pixels = 0
    var parts = 0

    init(limit: Int) { self.limit = limit }

    mutating func count(_ part: PixelRect, _ text: String) throws {
        pixels += part.width * part.height
        parts += 1
        guard pixels <= limit, parts <= 200 else { throw SlideError.corrupt(text) }
    }
}

/// The picture in the making. Every part read is made of whole blocks, so each block is finished at once.
private struct Canvas {
    let size: PixelSize
    let factor: Int
    let columns: Int
    private(set) var image: RGBImage
    private(set) var alpha: [UInt8]

    /// White and transparent, until painted.
    init(_ size: PixelSize, factor: Int) {
        self.size = size
        self.factor = factor
        columns = (size.width + factor - 1) / factor
        let rows = (size.height + factor - 1) / factor
        image = RGBImage(width: columns, height: rows)
        alpha = Array(repeating: 0, count: columns * rows)
    }

    /// Paints the rounded block means of a part whose corner is (`x`, `y`) in level pixels.
    mutating func paint(_ part: RGBImage, _ partAlpha: [UInt8], x: Int, y: Int) {
        if factor == 1 { return copy(part, partAlpha, x: x, y: y) }
        var colours = BlockMeans(width: part.width, across: factor)
        var alphas = BlockMeans(width: part.width, across: factor, channels: 1)
        let blocks = (part.width + factor - 1) / factor
        for top in stride(from: 0, to: part.height, by: factor) {
            let rows = top..<min(top + factor, part.height)
            let at = ((y + top) / factor) * columns + x / factor
            Self.means(of: part.pixels, rows, &colours, into: &image.pixels, at: (at * 3)..<((at + blocks) * 3))
            Self.means(of: partAlpha, rows, &alphas, into: &alpha, at: at..<(at + blocks))
        }
    }

    private mutating func copy(_ part: RGBImage, _ partAlpha: [UInt8], x: Int, y: Int) {
        image.place(part, x: x, y: y)
        for row in 0..<part.height {
            let (from, to) = (row * part.width, (y + row) * columns + x)
            alpha.replaceSubrange(to..<(to + part.width), with: partAlpha[from..<(from + part.width)])
        }
    }

    private static func means(
        of samples: [UInt8],
        _ rows: Range<Int>,
        _ means: inout BlockMeans,
        into target: inout [UInt8],
        at place: Range<Int>
    ) {
        samples.withUnsafeBufferPointer { samples in
            for row in rows {
                let line = (row * means.samples)..<((row + 1) * means.samples)
                means.add(UnsafeBufferPointer(rebasing: samples[line]))
            }
        }
        target.withUnsafeMutableBufferPointer { target in
            means.finish(into: UnsafeMutableBufferPointer(rebasing: target[place]))
        }
    }
}

extension Overview {
    /// More pixels than this are never held: at 8 µm a whole glass slide of 75 × 26 mm has 30 million.
    private static let largestArea = 32_000_000.0
    /// Keeps the sums of a block in 32 bits and a piece within one read.
    private static let largestFactor = 2048.0

    /// About `maskMPP` µm per pixel: the nearest whole multiple of the coarsest level that is fine enough.
    init(of slide: Slide, maskMPP: Double, mpp: Double) throws {
        let wanted = maskMPP / mpp
        let level = try slide.choosing(\.self) { $0.coarsestLevel(upTo: wanted * 1.2) }
        let (size, downsample) = (slide.levels[level].size, slide.levels[level].downsample)
        let smallest = (Double(size.width) * Double(size.height) / Self.largestArea).squareRoot().rounded(.up)
        try self.init(
            of: slide,
            level: level,
            factor: Int(min(max((wanted / downsample).rounded(), smallest, 1), Self.largestFactor))
        )
    }

    /// At least `longest` pixels on the longer side where the slide has them.
    init(of slide: Slide, longest: Int) throws {
        let level = try slide.choosing(\.self) { pyramid in
            pyramid.usable.last { max(pyramid.levels[$0].size.width, pyramid.levels[$0].size.height) >= longest } ?? 0
        }
        let size = slide.levels[level].size
        try self.init(
            of: slide,
            level: level,
            factor: min(max(1, max(size.width, size.height) / longest), Int(Self.largestFactor))
        )
    }
}
