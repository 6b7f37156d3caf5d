import Records

/// A picture of zeros and ones, one byte each, with the operations of mathematical morphology the mask needs.
/// Every operation takes time linear in the pixels, whatever its radius.
struct BinaryImage: Equatable {
    let width: Int
    let height: Int
    /// 0 or 1, row-major.
    var bits: [UInt8]

    init(width: Int, height: Int, bits: [UInt8]) {
        precondition(bits.count == width * height, "bits must fit the size")
        self.width = width
        self.height = height
        self.bits = bits
    }

    var count: Int { bits.reduce(0) { $0 + Int($1) } }

    subscript(_ x: Int, _ y: Int) -> UInt8 {
        x >= 0 && y >= 0 && x < width && y < height ? bits[y * width + x] : 0
    }

    /// Dilation, then erosion by a square of side 2 · `radius` + 1: closes gaps up to 2 · `radius` wide. What lies beyond
    /// the border never erodes.
    func closed(radius: Int) -> BinaryImage {
        guard radius > 0 else { return self }
        return dilated(radius).inverted().dilated(radius).inverted()
    }

    private func inverted() -> BinaryImage { BinaryImage(width: width, height: height, bits: bits.map { 1 - $0 }) }

    private func dilated(_ radius: Int) -> BinaryImage {
        var across = bits
        for y in 0..<height {
            let line = y * width
            var inWindow = 0
            for x in 0..<min(radius, width) { inWindow += Int(bits[line + x]) }
            for x in 0..<width {
                if x + radius < width { inWindow += Int(bits[line + x + radius]) }
                if x - radius > 0 { inWindow -= Int(bits[line + x - radius - 1]) }
                across[line + x] = inWindow > 0 ? 1 : 0
            }
        }
        var down = across
        var inWindow = [Int32](repeating: 0, count: width)
        for y in 0..<min(radius, height) { for x in 0..<width { inWindow[x] += Int32(across[y * width + x]) } }
        for y in 0..<height {
            let (entering, leaving) = (y + radius, y - radius - 1)
            for x in 0..<width {
                if entering < height { inWindow[x] += Int32(across[entering * width + x]) }
                if leaving >= 0 { inWindow[x] -= Int32(across[leaving * width + x]) }
                down[y * width + x] = inWindow[x] > 0 ? 1 : 0
            }
        }
        return BinaryImage(width: width, height: height, bits: down)
    }

    /// Clears one pixel wherever two of them touch at a corner only. Afterwards every outline is a simple ring, regions
    /// are the same under 4- and 8-connection, and outlines of different regions share no point.
    mutating func clearDiagonalTouches() {
        // Clearing a pixel can only make new touches in the four windows around it; those are looked at again.
        var again: [(x: Int, y: Int)] = []
        for y in 0..<max(height - 1, 0) {
            for x in 0..<max(width - 1, 0) {
                again.append((x, y))
                while let window = again.popLast() {
                    guard let cleared = clearTouch(window.x, window.y) else { continue }
                    for top in max(cleared.y - 1, 0)...min(cleared.y, height - 2) {
                        for left in max(cleared.x - 1, 0)...min(cleared.x, width - 2) { again.append((left, top)) }
                    }
                }
            }
        }
    }

    /// Clears the lower pixel of a diagonal pair in the 2 × 2 window at (`x`, `y`).
    private mutating func clearTouch(_ x: Int, _ y: Int) -> (x: Int, y: Int)? {
        let upper = y * width + x
        let lower = upper + width
        let (a, b, c, d) = (bits[upper], bits[upper + 1], bits[lower], bits[lower + 1])
        guard a == d, b == c, a != b else { return nil }
        let cleared = a == 1 ? (x: x + 1, y: y + 1) : (x: x, y: y + 1)
        bits[cleared.y * width + cleared.x] = 0
        return cleared
    }
}
