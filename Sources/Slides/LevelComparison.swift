import Imaging
import Records

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
        let (fine, coarse) = (RichPlaces(of: slide, reference), RichPlaces(of: slide, level))
        if fine.isTold {
            compare(at: fine.best(in: parts))
            // Where the finer level shows nothing, little of it was looked at.
            if compared < Self.enough { compare(at: coarse.best(in: parts)) }
            return
        }
        // To look for places costs less in the level itself, which is read anyway.
        for part in parts where isOpen { compare(at: coarse.rich(in: part).map { [$0] } ?? fine.best(in: [part])) }
    }

    private var isOpen: Bool { compared < Self.plenty || differing > 0 }

    private mutating func compare(at places: [PixelPoint]) {
        for place in places where isOpen {
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
