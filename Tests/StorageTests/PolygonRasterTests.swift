import Imaging
import Records
import Testing

/// Polygons drawn by scan lines against a test of every pixel's middle, for rings of any shape that cross and overlap.
@Suite struct PolygonRasterTests {
    @Test(arguments: UInt64(0)..<200) func theSamePixelsAsOneByOne(seed: UInt64) {
        var random = CounterRandom(seed: seed, "polygon")
        let (width, height) = (1 + random.index(below: 40), 1 + random.index(below: 40))
        let scale = [0.5, 1, 3, 16][random.index(below: 4)]
        // Sides along the axes may run through middles of pixels, where only the rule for edges decides.
        let isAlongAxes = random.index(below: 2) == 0
        let rings = (0...random.index(below: 3)).map { _ -> [PlanePoint] in
            func place(_ end: Int) -> Double {
                isAlongAxes
                    ? Double(random.index(below: 2 * end + 12) - 6) / 2 * scale
                    : random.uniform(-5, Double(end) + 5) * scale
            }
            func point() -> PlanePoint { PlanePoint(x: place(width), y: place(height)) }
            guard isAlongAxes else { return (0..<(3 + random.index(below: 9))).map { _ in point() } }
            let (one, other) = (point(), point())
            return [one, PlanePoint(x: other.x, y: one.y), other, PlanePoint(x: one.x, y: other.y)]
        }
        let zeros = [UInt8](repeating: 0, count: width * height)
        var image = BinaryImage(width: width, height: height, bits: zeros)
        image.paint(1, inside: PlanePolygon(outer: rings[0], holes: Array(rings.dropFirst())), scale: scale)
        for y in 0..<height {
            for x in 0..<width {
                let middle = PlanePoint(x: (Double(x) + 0.5) * scale, y: (Double(y) + 0.5) * scale)
                let isInside = rings.count { PlanePolygon(outer: $0).contains(middle) } % 2 == 1
                #expect(image[x, y] == (isInside ? 1 : 0), "seed \(seed), pixel (\(x), \(y)), \(rings)")
            }
        }
    }
}
