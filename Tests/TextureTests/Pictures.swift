import Texture

/// A painted RGB patch.
struct Picture {
    typealias Colour = (UInt8, UInt8, UInt8)

    static let white: Colour = (255, 255, 255)
    static let purple: Colour = (96, 60, 130)
    static let pink: Colour = (232, 150, 190)

    let side: Int
    private(set) var pixels: [UInt8] = []

    init(side: Int, _ colour: (_ x: Int, _ y: Int) -> Colour) {
        self.side = side
        for y in 0..<side {
            for x in 0..<side {
                let (r, g, b) = colour(x, y)
                pixels += [r, g, b]
            }
        }
    }

    static func uniform(_ colour: Colour, side: Int = 64) -> Picture { Picture(side: side) { _, _ in colour } }

    /// A purple disc of `radius` around the corner where the four middle pixels meet, on white.
    static func disc(radius: Double, side: Int = 128) -> Picture {
        Picture(side: side) { x, y in
            let (dx, dy) = (Double(x) + 0.5 - Double(side) / 2, Double(y) + 0.5 - Double(side) / 2)
            return dx * dx + dy * dy <= radius * radius ? purple : white
        }
    }

    /// A tissue-like patch without symmetry: pink ground that fades to white, purple nuclei on an irregular grid, grain. Integer
    /// arithmetic only, so that it is the same everywhere.
    static func tissue(side: Int, period: Int = 1 << 20) -> Picture {
        Picture(side: side) { px, py in
            let (x, y) = (px % period, py % period)
            let (cellX, cellY) = (x / 16, y / 16)
            let cell = hash(cellX, cellY)
            let (dx, dy) = (x % 16 - 5 - cell % 7, y % 16 - 5 - cell / 7 % 7)
            let nucleus = dx * dx + dy * dy * 2 <= 9 + cell / 49 % 24
            let grain = hash(x &* 3 &+ 1, y) % 24 - (x * 3 + y * 5) % 17
            let fade = (x &* x &+ 2 &* y &* 7) % 61
            let (r, g, b) = nucleus ? (90, 62, 128) : (205 + fade / 2, 128 + fade, 172 + fade / 2)
            return (clamped(r + grain), clamped(g + grain * 5 / 4), clamped(b + grain / 2))
        }
    }

    /// Squares of 4 × 4 pixels in colours from all over the cube, black and white among them.
    static func confetti(side: Int) -> Picture {
        Picture(side: side) { x, y in
            let (r, g, b) = (
                hash(x / 4, y / 4) % 400 - 50, hash(x / 4 + 999, y / 4) % 400 - 50, hash(x / 4, y / 4 + 999) % 400 - 50
            )
            return (clamped(r), clamped(g), clamped(b))
        }
    }

    private static func clamped(_ value: Int) -> UInt8 { UInt8(min(max(value, 0), 255)) }

    private static func hash(_ x: Int, _ y: Int) -> Int {
        var z = UInt32(truncatingIfNeeded: x) &* 0x9E37_79B1 ^ UInt32(truncatingIfNeeded: y) &* 0x85EB_CA77
        z = (z ^ z >> 15) &* 0x2C1B_3C6D
        return Int((z ^ z >> 12) & 0xFFFF)
    }

    func rotated() -> Picture { Picture(side: side) { x, y in self[y, side - 1 - x] } }
    func mirrored() -> Picture { Picture(side: side) { x, y in self[side - 1 - x, y] } }

    private subscript(x: Int, y: Int) -> Colour {
        let i = 3 * (y * side + x)
        return (pixels[i], pixels[i + 1], pixels[i + 2])
    }

    var features: [Float] { pixels.withUnsafeBufferPointer { HETexture.features(of: $0, side: side) } }

    /// The features by their names.
    var named: [String: Float] { Dictionary(uniqueKeysWithValues: zip(HETexture.names, features)) }
}
