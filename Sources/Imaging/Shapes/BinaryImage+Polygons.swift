import Records

extension BinaryImage {
    /// Sets the pixels whose middle lies inside a polygon, by the even-odd rule over all its rings, as
    /// `PlanePolygon.contains` has it.
    /// - Parameter scale: level-0 pixels per pixel of this picture, whose corner is that of level 0.
    public mutating func paint(_ value: UInt8, inside polygon: PlanePolygon, scale: Double) {
        var crossings: [Int: [Double]] = [:]
        for ring in [polygon.outer] + polygon.holes {
            guard var previous = ring.last else { continue }
            for corner in ring {
                let (upper, lower) = corner.y < previous.y ? (corner, previous) : (previous, corner)
                for row in Self.middles(from: upper.y / scale, to: lower.y / scale, below: height) {
                    let y = (Double(row) + 0.5) * scale
                    crossings[row, default: []].append(
                        upper.x + (lower.x - upper.x) * (y - upper.y) / (lower.y - upper.y)
                    )
                }
                previous = corner
            }
        }
        for (row, places) in crossings {
            let places = places.sorted()
            for pair in stride(from: 0, to: places.count - 1, by: 2) {
                for x in Self.middles(from: places[pair] / scale, to: places[pair + 1] / scale, below: width) {
                    bits[row * width + x] = value
                }
            }
        }
    }

    /// The pixels along an axis of `count` whose middles lie in `low..<high`.
    public static func middles(from low: Double, to high: Double, below count: Int) -> Range<Int> {
        func first(_ place: Double) -> Int { Int(min(max((place - 0.5).rounded(.up), 0), Double(count))) }
        let (start, end) = (first(low), first(high))
        return start..<max(start, end)
    }
}
