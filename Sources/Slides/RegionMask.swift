import Records
import Storage

/// A person's regions on the mask of a slide.
struct RegionMask {
    /// One where patches may lie, whatever the tissue.
    private let allowed: BinaryImage

    /// - Parameter regions: in level-0 pixels. Without any, everything is allowed that is not excluded.
    /// - Throws: `SlideError.regions` where regions are given and none covers a pixel of the mask.
    init(_ regions: AnnotatedRegions, over mask: TissueMask) throws {
        let size = mask.size
        func image(_ value: UInt8) -> BinaryImage {
            BinaryImage(
                width: size.width,
                height: size.height,
                bits: Array(repeating: value, count: size.width * size.height)
            )
        }
        var allowed = image(regions.regions.isEmpty ? 1 : 0)
        for polygon in regions.regions { Self.paint(1, polygon, scale: mask.scale, into: &allowed) }
        guard allowed.bits.contains(1) else { throw SlideError.regions("no region lies on the slide") }
        for polygon in regions.exclusions { Self.paint(0, polygon, scale: mask.scale, into: &allowed) }
        self.allowed = allowed
    }

    /// - Returns: the mask inside the regions, and what of its tissue lies outside them.
    func applied(
        to mask: TissueMask,
        _ overview: Overview,
        _ mode: TilingConfig.RegionsMode
    ) -> (mask: TissueMask, cut: BinaryImage) {
        var (image, cut) = (mask.image, mask.image)
        for at in image.bits.indices {
            let isWanted = allowed.bits[at] == 1 && (mode == .restrict || overview.alpha[at] >= 128)
            image.bits[at] = isWanted && (mode == .replace || image.bits[at] == 1) ? 1 : 0
        }
        image.clearDiagonalTouches()
        for at in cut.bits.indices where image.bits[at] == 1 { cut.bits[at] = 0 }
        let reason = mode == .restrict ? "no tissue lies inside the regions" : "the regions leave nothing of the slide"
        return (mask.replacing(image, overview, orEmpty: reason), cut)
    }

    /// Sets the pixels whose middle lies inside the polygon, by the even-odd rule over all its rings.
    private static func paint(_ value: UInt8, _ polygon: PlanePolygon, scale: Double, into image: inout BinaryImage) {
        var crossings = [[Double]](repeating: [], count: image.height)
        for ring in [polygon.outer] + polygon.holes {
            guard var from = ring.last else { continue }
            for to in ring {
                let (upper, lower) = from.y <= to.y ? (from, to) : (to, from)
                // Rows whose middle lies at or below the upper end and above the lower one.
                let first = row(upper.y / scale, image.height)
                let end = row(lower.y / scale, image.height)
                for y in first..<max(first, end) {
                    let middle = (Double(y) + 0.5) * scale
                    let share = (middle - upper.y) / (lower.y - upper.y)
                    crossings[y].append((upper.x + (lower.x - upper.x) * share) / scale)
                }
                from = to
            }
        }
        for (y, places) in crossings.enumerated() {
            let places = places.sorted()
            for pair in stride(from: 0, to: places.count - 1, by: 2) {
                let (from, to) = (row(places[pair], image.width), row(places[pair + 1], image.width))
                for x in from..<max(from, to) { image.bits[y * image.width + x] = value }
            }
        }
    }

    /// The first row or column whose middle is not before a place, within the picture.
    private static func row(_ place: Double, _ count: Int) -> Int {
        Int(min(max((place - 0.5).rounded(.up), 0), Double(count)))
    }
}
