import Records

/// Which levels are used: only those that show what level 0 shows. Converters and interrupted copies leave levels that are blank,
/// black, half filled, mirrored, shifted, of another shape or of another slide.
extension Slide {
    /// What `choose` makes of the pyramid, until it takes a level that can be trusted: what cannot is ignored from then on.
    func choosing<Choice>(_ level: (Choice) -> Int, _ choose: (Pyramid) throws -> Choice) rethrows -> Choice {
        while true {
            let choice = try choose(pyramid)
            if trusts(level(choice)) { return choice }
        }
    }

    /// The level that `choose` takes of those that can be trusted.
    public func trustedLevel(_ choose: (Pyramid) -> Int) -> Int { choosing(\.self, choose) }

    /// Why levels were ignored so far.
    var levelNotes: [String] { levels.indices.compactMap { levelDoubts[$0] ?? nil } }

    private func trusts(_ level: Int) -> Bool {
        guard level > 0 else { return true }
        if let known = levelDoubts[level] { return known == nil }
        let found = timed { doubt(about: level) }
        levelDoubts[level] = .some(found)
        if found != nil { pyramid.ignore(level) }
        return found == nil
    }

    private func doubt(about level: Int) -> String? {
        let size = levels[level].size
        let name = "level \(level) of \(size.width) × \(size.height) pixels"
        guard pyramid.hasProportions(level) else {
            return "\(name) has another shape than level 0, \(self.size.width) × \(self.size.height), and is ignored"
        }
        let comparison = LevelComparison(of: self, level, with: reference(for: level))
        guard comparison.isAnother else { return nil }
        let share = "\(comparison.differing) of \(comparison.compared) places"
        return "\(name) does not show what level 0 shows at \(share) and is ignored"
    }

    /// A finer level that is trusted: the finest that is not more than eight times finer, so that little is read.
    private func reference(for level: Int) -> Int {
        let near = (0..<level).first { levels[level].downsample <= 8 * levels[$0].downsample } ?? level - 1
        return (0...near).last { trusts($0) } ?? 0
    }
}

/// A level beside a finer one at up to twelve places: where the finer one has the most to show in each of six parts of the slide,
/// and where the level itself has, if the finer one shows next to nothing.
///
/// Both are reduced to 16 × 16 cells there. They show the same where the brightness of their cells correlates, at any of the offsets
/// that resampling and stitching make, with like contrast and mean colour, and red and blue are not swapped. A place decides only where one of both has
/// more contrast than compression makes of glass, and more than sampling without averaging makes of texture.
struct LevelComparison {
    /// Places that decide.
    private(set) var compared = 0
    private(set) var differing = 0

    /// Single places may differ: where tiles were damaged, or the focus of a stitched level is another.
    var isAnother: Bool { differing > 0 && differing * 4 >= compared }

    private let slide: Slide
    private let level: Int
    private let reference: Int

    init(of slide: Slide, _ level: Int, with reference: Int) {
        (self.slide, self.level, self.reference) = (slide, level, reference)
        let parts = Self.parts(of: slide.bounds)
        compare(at: RichPlaces(of: slide, reference).best(in: parts))
        // Where the finer level shows nothing, little of it was looked at.
        if compared < Self.enough { compare(at: RichPlaces(of: slide, level).best(in: parts)) }
    }

    private mutating func compare(at places: [PixelPoint]) {
        for place in places where compared < Self.plenty || differing > 0 {
            guard let isSame = isSame(around: place) else { continue }
            compared += 1
            if !isSame { differing += 1 }
        }
    }

    private static func parts(of bounds: PixelRect) -> [PixelRect] {
        let (columns, rows) = bounds.width >= bounds.height ? (3, 2) : (2, 3)
        // The corners first: a level that is filled in part lacks one of them.
        return (columns == 3 ? [0, 5, 2, 3, 1, 4] : [0, 5, 1, 4, 2, 3]).map { part in
            let (column, row) = (part % columns, part / columns)
            let (left, top) = (bounds.width * column / columns, bounds.height * row / rows)
            return PixelRect(
                x: bounds.x + left,
                y: bounds.y + top,
                width: bounds.width * (column + 1) / columns - left,
                height: bounds.height * (row + 1) / rows - top
            )
        }
    }

    /// nil where nothing is to be seen, or cannot be read.
    private func isSame(around place: PixelPoint) -> Bool? {
        let (coarse, fine) = (slide.levels[level], slide.levels[reference])
        let ratio = coarse.downsample / fine.downsample
        let shortest = min(coarse.size.width, coarse.size.height) - 2 * Self.margin
        let pixels = min(Self.largestCell, shortest / CellMeans.side, max(1, Int(1024 / ratio) / CellMeans.side))
        guard pixels > 0 else { return nil }
        let side = pixels * CellMeans.side
        func start(_ position: Int, _ length: Int) -> Int {
            let first = Int(Double(position) / coarse.downsample) - side / 2 - Self.margin
            return min(max(first, 0), length - side - 2 * Self.margin)
        }
        let (x, y) = (start(place.x, coarse.size.width), start(place.y, coarse.size.height))
        func level0(_ position: Int) -> Int { Int((Double(position) * coarse.downsample).rounded(.up)) }
        let fineSide = Int((Double(side) * ratio).rounded())
        do {
            let around = try slide.read(
                level: level,
                x: level0(x),
                y: level0(y),
                width: side + 2 * Self.margin,
                height: side + 2 * Self.margin
            )
            let truth = try slide.read(
                level: reference,
                x: level0(x + Self.margin),
                y: level0(y + Self.margin),
                width: fineSide,
                height: fineSide
            )
            let small = truth.resized(width: CellMeans.side, height: CellMeans.side)
            let wanted = CellMeans(of: small, cell: 1, x: 0, y: 0)
            let unmoved = CellMeans(of: around, cell: pixels, x: Self.margin, y: Self.margin)
            let contrast = max(wanted.variance, unmoved.variance)
            guard contrast > max(Self.leastContrast, 3 * unmoved.samplingNoise) else { return nil }
            guard min(wanted.variance, unmoved.variance) * 9 >= contrast else { return false }
            let colours = zip(wanted.colour, unmoved.colour)
            guard colours.allSatisfy({ abs($0 - $1) <= Self.largestTint }) else { return false }
            // As a rule it lies where it should.
            return ([(Self.margin, Self.margin)] + Self.offsets).contains { x, y in
                let cells = CellMeans(of: around, cell: pixels, x: x, y: y)
                return cells.correlation(with: wanted) >= Self.leastCorrelation && !cells.isSwapped(beside: wanted)
            }
        } catch { return nil }
    }

    /// Pixels of the level by which it may lie beside level 0.
    private static let margin = 2
    private static let offsets = (0...(2 * margin)).flatMap { y in (0...(2 * margin)).map { ($0, y) } }
    /// So that a place at a quarter lies within one tile of 240 pixels.
    private static let largestCell = 3
    private static let enough = 3
    /// As many that are the same, and none that differs, need no more.
    private static let plenty = 4
    /// Squared grey levels.
    private static let leastContrast = 6.25
    private static let leastCorrelation = 0.7
    private static let largestTint = 30.0
}

/// A square of a picture in cells: their brightness, and the mean colour.
private struct CellMeans {
    static let side = 16
    let colour: [Double]
    let variance: Double
    /// What the variance would be if every cell were one texture, of which some pixels were taken.
    let samplingNoise: Double
    /// Less their mean.
    private let cells: [Double]
    /// Red less blue.
    private let hues: [Double]

    init(of image: RGBImage, cell: Int, x: Int, y: Int) {
        var sums = [Double](repeating: 0, count: Self.side * Self.side)
        var hues = sums
        var (squares, colour) = (0.0, (0.0, 0.0, 0.0))
        image.pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<(Self.side * cell) {
                for column in 0..<(Self.side * cell) {
                    let place = ((y + row) * image.width + x + column) * 3
                    let (red, green) = (Double(pixels[place]), Double(pixels[place + 1]))
                    let blue = Double(pixels[place + 2])
                    let brightness = 0.3 * red + 0.59 * green + 0.11 * blue
                    let at = row / cell * Self.side + column / cell
                    sums[at] += brightness
                    hues[at] += red - blue
                    squares += brightness * brightness
                    colour = (colour.0 + red, colour.1 + green, colour.2 + blue)
                }
            }
        }
        let (area, count) = (Double(cell * cell), Double(Self.side * Self.side))
        let means = sums.map { $0 / area }
        let mean = means.reduce(0, +) / count
        let meanSquare = means.reduce(0) { $0 + $1 * $1 } / count
        cells = means.map { $0 - mean }
        self.hues = hues.map { $0 / area }
        variance = max(0, meanSquare - mean * mean)
        samplingNoise = max(0, squares / (count * area) - meanSquare) / area
        self.colour = [colour.0, colour.1, colour.2].map { $0 / (count * area) }
    }

    func correlation(with other: CellMeans) -> Double {
        let product = zip(cells, other.cells).reduce(0) { $0 + $1.0 * $1.1 } / Double(cells.count)
        return product / max((variance * other.variance).squareRoot(), 1e-9)
    }

    /// Whether red and blue have changed places, as far as the hues are more than compression makes of grey.
    func isSwapped(beside other: CellMeans) -> Bool {
        func product(_ first: CellMeans, _ second: CellMeans) -> Double {
            zip(first.hues, second.hues).reduce(0) { $0 + $1.0 * $1.1 } / Double(hues.count)
        }
        let size = (product(self, self) * product(other, other)).squareRoot()
        return size > Self.leastHue && product(self, other) < 0
    }

    /// Squared grey levels.
    private static let leastHue = 25.0
}

/// Where a level has the most to show.
private struct RichPlaces {
    /// In level-0 pixels.
    private var places: [(point: PixelPoint, richness: Double)] = []
    private let slide: Slide
    private let level: Int

    init(of slide: Slide, _ level: Int) {
        (self.slide, self.level) = (slide, level)
        // Few tiles lie too far apart to say where in them it is.
        guard let tiles = slide.tiles(of: level), tiles.count >= Self.fewestTiles else { return }
        // Glass takes few bytes.
        let downsample = slide.levels[level].downsample
        places = (0..<tiles.count).map { tile in
            let rect = tiles.rect(of: tile)
            return (
                PixelPoint(
                    x: Int(Double(rect.x + rect.width / 2) * downsample),
                    y: Int(Double(rect.y + rect.height / 2) * downsample)
                ), Double(tiles.byteCount(of: tile) ?? 0)
            )
        }
    }

    /// The best of each part, where there is one.
    func best(in parts: [PixelRect]) -> [PixelPoint] {
        parts.compactMap { part in
            let candidates = places.isEmpty ? probes(of: part) : places
            let inside = candidates.filter {
                (part.x..<(part.x + part.width)).contains($0.point.x)
                    && (part.y..<(part.y + part.height)).contains($0.point.y)
            }
            return inside.max { $0.richness < $1.richness }?.point
        }
    }

    /// Where tiles do not say how much is in them, some pixels do: nine probes, and more where those show next to nothing.
    private func probes(of part: PixelRect) -> [(point: PixelPoint, richness: Double)] {
        let few = probes(of: part, along: 3)
        return few.contains { $0.richness >= Self.rich } ? few : few + probes(of: part, along: 6)
    }

    private func probes(of part: PixelRect, along count: Int) -> [(point: PixelPoint, richness: Double)] {
        let (size, downsample) = (slide.levels[level].size, slide.levels[level].downsample)
        let (width, height) = (min(Self.probeSide, size.width), min(Self.probeSide, size.height))
        return (0..<(count * count)).compactMap { index in
            let point = PixelPoint(
                x: part.x + part.width * (2 * (index % count) + 1) / (2 * count),
                y: part.y + part.height * (2 * (index / count) + 1) / (2 * count)
            )
            func start(_ position: Int, _ length: Int, _ side: Int) -> Int {
                let first = min(max(Int(Double(position) / downsample) - length / 2, 0), side - length)
                return Int((Double(first) * downsample).rounded(.up))
            }
            let x = start(point.x, width, size.width)
            let y = start(point.y, height, size.height)
            // What cannot be read shows nothing.
            guard let image = try? slide.read(level: level, x: x, y: y, width: width, height: height) else {
                return nil
            }
            let greens = stride(from: 1, to: image.pixels.count, by: 3).map { Double(image.pixels[$0]) }
            let mean = greens.reduce(0, +) / Double(greens.count)
            return (point, greens.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(greens.count))
        }
    }

    private static let probeSide = 48
    /// The variance of stained tissue is more.
    private static let rich = 100.0
    private static let fewestTiles = 60
}
