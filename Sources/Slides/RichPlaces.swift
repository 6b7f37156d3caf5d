import Imaging
import Records

/// Where a level has the most to show.
struct RichPlaces {
    /// In level-0 pixels.
    private var places: [(point: PixelPoint, richness: Double)] = []
    private let slide: Slide
    private let level: Int

    init(of slide: Slide, _ level: Int) {
        (self.slide, self.level) = (slide, level)
        // Few tiles lie too far apart to say where in them it is.
        guard let tiles = slide.tiles(of: level), tiles.grid.count >= Self.fewestTiles else { return }
        // Glass takes few bytes.
        let downsample = slide.levels[level].downsample
        let grid = tiles.grid
        places = tiles.byteCounts.enumerated().map { tile, bytes in
            let rect = grid.rect(of: tile)
            return (
                PixelPoint(
                    x: Int(Double(rect.x + rect.width / 2) * downsample),
                    y: Int(Double(rect.y + rect.height / 2) * downsample)
                ), Double(bytes)
            )
        }
    }

    /// Whether tiles say how much is in them, so that nothing needs to be decoded.
    var isTold: Bool { !places.isEmpty }

    /// The best of a part, where it shows what tissue does.
    func rich(in part: PixelRect) -> PixelPoint? {
        if isTold { return best(in: [part]).first }
        return probes(of: part).max { $0.richness < $1.richness }.flatMap { $0.richness >= Self.rich ? $0.point : nil }
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
            return (point, Self.texture(of: image))
        }
    }

    /// Mean squared difference of pixels two apart. An edge between tissue and glass has much contrast and little of that, and
    /// looks the same in many places.
    private static func texture(of image: RGBImage) -> Double {
        var (sum, count) = (0, 0)
        for y in 0..<image.height {
            for x in 2..<max(2, image.width) {
                let at = (y * image.width + x) * 3 + 1
                let step = Int(image.pixels[at]) - Int(image.pixels[at - 6])
                (sum, count) = (sum + step * step, count + 1)
            }
        }
        return Double(sum) / Double(max(count, 1))
    }

    private static let probeSide = 48
    /// Stained tissue has more texture.
    private static let rich = 100.0
    private static let fewestTiles = 60
}
