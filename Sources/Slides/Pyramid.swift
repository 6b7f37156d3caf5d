public import Records

/// The geometry of a slide: its levels and where in level 0 the scanner saw something.
public struct Pyramid: Equatable, Sendable {
    public struct Level: Codable, Equatable, Sendable {
        public var size: PixelSize
        /// Level-0 pixels per pixel of this level; a mean of both axes, not always whole.
        public var downsample: Double

        public init(size: PixelSize, downsample: Double) {
            self.size = size
            self.downsample = downsample
        }
    }

    /// Level 0 first.
    public let levels: [Level]
    /// In level-0 pixels.
    public let bounds: PixelRect
    /// Levels that do not show what level 0 shows; no choice of a level takes them.
    private(set) var ignored: Set<Int> = []

    public var size: PixelSize { levels[0].size }

    /// - Parameter bounds: the non-empty part; nil or a rectangle outside level 0 means all of level 0.
    /// - Throws: `SlideError.geometry` unless there are 1 to 64 levels of sides 1 to 2³¹-1 and at most 10¹² pixels, with
    ///   finite, non-decreasing downsamples from 1.
    public init(levels: [Level], bounds: PixelRect? = nil) throws {
        guard (1...64).contains(levels.count) else {
            throw SlideError.geometry("\(levels.count) levels, 1 to 64 are wanted")
        }
        var previous = 1.0
        for (index, level) in levels.enumerated() {
            let sides = 1...Int(Int32.max)
            let (width, height) = (level.size.width, level.size.height)
            guard sides.contains(width), sides.contains(height), width * height <= 1_000_000_000_000 else {
                throw SlideError.geometry("level \(index) is \(width) × \(height) pixels")
            }
            guard level.downsample.isFinite, level.downsample >= previous else {
                throw SlideError.geometry("level \(index) has downsample \(level.downsample) after \(previous)")
            }
            previous = level.downsample
        }
        self.levels = levels
        let whole = PixelRect(x: 0, y: 0, width: levels[0].size.width, height: levels[0].size.height)
        self.bounds = bounds.flatMap { Self.clip($0, to: whole) } ?? whole
    }

    /// Whether a read of `width` × `height` pixels of a level, its corner at level-0 (`x`, `y`), stays in the image.
    ///
    /// The corner's position in the level may be a fraction of a pixel, so less than one pixel of overhang is allowed.
    func contains(level: Int, x: Int, y: Int, width: Int, height: Int) -> Bool {
        guard levels.indices.contains(level), x >= 0, y >= 0, width > 0, height > 0 else { return false }
        let (size, downsample) = (levels[level].size, levels[level].downsample)
        return Double(x) / downsample + Double(width) < Double(size.width) + 1
            && Double(y) / downsample + Double(height) < Double(size.height) + 1
    }

    /// The part of a read that stays in the image, its corner the same; nil where nothing of it does.
    func inside(_ place: LevelRect) -> LevelRect? {
        guard levels.indices.contains(place.level) else { return nil }
        let (size, downsample) = (levels[place.level].size, levels[place.level].downsample)
        func length(_ start: Int, _ wanted: Int, _ side: Int) -> Int {
            let start = Double(start) / downsample
            let left = Int((Double(side) - start).rounded(.up))
            // As `contains` has it, to the last bit.
            return min(wanted, start + Double(left) < Double(side) + 1 ? left : left - 1)
        }
        var part = place
        part.width = length(place.x, place.width, size.width)
        part.height = length(place.y, place.height, size.height)
        return contains(level: part.level, x: part.x, y: part.y, width: part.width, height: part.height) ? part : nil
    }

    /// Level-0 pixels per pixel of a picture. Scanners drop the remainder when they reduce, so that the ratio of the sides,
    /// which is what OpenSlide gives, is a little too large; where a whole number explains the sides as well, it is the true
    /// one.
    /// - Parameter side: the picture's longest.
    static func trueDownsample(_ ratio: Double, side: Int) -> Double {
        let whole = ratio.rounded()
        return abs(ratio - whole) * Double(side) < ratio ? whole : ratio
    }

    /// The coarsest level with a downsample of at most `limit`; level 0 where none is.
    public func coarsestLevel(upTo limit: Double) -> Int { usable.last { levels[$0].downsample <= limit } ?? 0 }

    /// Indices of the levels that may be taken, level 0 first.
    public var usable: [Int] { levels.indices.filter { !ignored.contains($0) } }

    mutating func ignore(_ level: Int) { if level > 0 { ignored.insert(level) } }

    private static func clip(_ rect: PixelRect, to whole: PixelRect) -> PixelRect? {
        let (right, overflowX) = rect.x.addingReportingOverflow(rect.width)
        let (bottom, overflowY) = rect.y.addingReportingOverflow(rect.height)
        guard !overflowX, !overflowY else { return nil }
        let (x, y) = (max(rect.x, 0), max(rect.y, 0))
        let (width, height) = (min(right, whole.width) - x, min(bottom, whole.height) - y)
        return width > 0 && height > 0 ? PixelRect(x: x, y: y, width: width, height: height) : nil
    }
}
