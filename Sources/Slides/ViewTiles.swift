public import Imaging
public import Records

/// Cuts tiles for viewing from an open slide, on the fly, from the level that is just fine enough.
public struct ViewTiles {
    public let pyramid: TilePyramid
    private let slide: Slide

    public init(of slide: Slide) {
        self.slide = slide
        pyramid = TilePyramid(size: slide.size, bounds: slide.bounds)
    }

    /// A tile of `TilePyramid.side` pixels, white beyond the slide. Its pixels are means over exactly the level-0 pixels
    /// that they stand for.
    /// - Throws: `SlideError.outside` for a tile that the pyramid does not have, `.corrupt` for one that cannot be decoded.
    public func tile(_ address: TileAddress) throws -> RGBImage {
        guard pyramid.contains(address) else { throw SlideError.outside("tile \(address)") }
        let step = pyramid.downsample(of: address)
        let level = try slide.choosing(\.self) { pyramid in
            pyramid.usable.last { pyramid.levels[$0].trueDownsample <= Double(step) } ?? 0
        }
        let ratio = Double(step) / slide.levels[level].trueDownsample
        return ratio > Self.largestRatio ? try quartered(address) : try read(address, level: level, ratio: ratio)
    }

    /// Where no level is near, a tile is made of the four of the next zoom, in bounded memory.
    private func quartered(_ address: TileAddress) throws -> RGBImage {
        let side = TilePyramid.side
        var whole = RGBImage(width: side, height: side)
        for (column, row) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let part = TileAddress(
                zoom: address.zoom + 1,
                column: address.column * 2 + column,
                row: address.row * 2 + row
            )
            guard pyramid.contains(part) else { continue }
            let quarter = try tile(part).resized(width: side / 2, height: side / 2)
            whole.place(quarter, x: column * side / 2, y: row * side / 2)
        }
        return whole
    }

    private func read(_ address: TileAddress, level: Int, ratio: Double) throws -> RGBImage {
        let side = TilePyramid.side
        let columns = Stretch(address.column, ratio: ratio, limit: slide.levels[level].size.width)
        let rows = Stretch(address.row, ratio: ratio, limit: slide.levels[level].size.height)
        var image = RGBImage(width: columns.pixels.count, height: rows.pixels.count)
        if columns.inside > 0, rows.inside > 0 {
            // OpenSlide counts in its own downsample, which need not be the whole one.
            let downsample = slide.levels[level].downsample
            let part = try slide.read(
                level: level,
                x: Int(Double(columns.pixels.lowerBound) * downsample),
                y: Int(Double(rows.pixels.lowerBound) * downsample),
                width: columns.inside,
                height: rows.inside
            )
            image.place(part, x: 0, y: 0)
        }
        guard !columns.isWhole || !rows.isWhole else { return image.resized(width: side, height: side) }
        return image.averaged(columns.weights(), rows.weights())
    }

    /// Level pixels along one axis for one pixel of a tile; beyond that a tile would need too many of them.
    private static let largestRatio = 8.0
}

/// The pixels of a level that a tile covers along one axis.
private struct Stretch {
    /// Whole pixels, also beyond the level's end.
    let pixels: Range<Int>
    /// How many of them the level has.
    let inside: Int
    private let start: Double
    private let ratio: Double

    init(_ index: Int, ratio: Double, limit: Int) {
        let length = Double(TilePyramid.side) * ratio
        start = Double(index) * length
        self.ratio = ratio
        pixels = Int(start.rounded(.down))..<Int((start + length).rounded(.up))
        inside = min(pixels.count, max(0, limit - pixels.lowerBound))
    }

    var isWhole: Bool { start == start.rounded() && ratio == ratio.rounded() }

    /// For each pixel of the tile the first level pixel, counted from `pixels`, and the shares of it and its neighbours.
    func weights() -> [(first: Int, shares: [Float])] {
        (0..<TilePyramid.side).map { pixel in
            let low = start + Double(pixel) * ratio - Double(pixels.lowerBound)
            let high = low + ratio
            let sources = Int(low)..<min(pixels.count, Int(high.rounded(.up)))
            return (
                sources.lowerBound,
                sources.map { Float((min(high, Double($0 + 1)) - max(low, Double($0))) / ratio) }
            )
        }
    }
}

extension Pyramid.Level {
    fileprivate var trueDownsample: Double {
        Pyramid.trueDownsample(downsample, side: max(size.width, size.height))
    }
}

extension RGBImage {
    /// Weighted means between pixels; the weights of a place sum to 1, or less where it ends beyond the image.
    fileprivate func averaged(
        _ columns: [(first: Int, shares: [Float])],
        _ rows: [(first: Int, shares: [Float])]
    ) -> RGBImage {
        var result = RGBImage(width: columns.count, height: rows.count)
        var line = [Float](repeating: 0, count: width * 3)
        for (y, (top, heights)) in rows.enumerated() {
            for index in line.indices { line[index] = 0 }
            for (row, share) in heights.enumerated() {
                let start = (top + row) * width * 3
                for index in line.indices { line[index] += share * Float(pixels[start + index]) }
            }
            for (x, (left, widths)) in columns.enumerated() {
                for channel in 0..<3 {
                    var sum: Float = 0
                    for (column, share) in widths.enumerated() { sum += share * line[(left + column) * 3 + channel] }
                    result.pixels[(y * columns.count + x) * 3 + channel] = UInt8(min(255, sum.rounded()))
                }
            }
        }
        return result
    }
}
