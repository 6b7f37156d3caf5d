/// A picture of zeros and ones, one byte each, with the operations of mathematical morphology the mask needs.
/// Every operation takes time linear in the pixels, whatever its radius.
public struct BinaryImage: Equatable, Sendable {
    public let width: Int
    public let height: Int
    /// 0 or 1, row-major.
    public var bits: [UInt8]

    public init(width: Int, height: Int, bits: [UInt8]) {
        precondition(bits.count == width * height, "bits must fit the size")
        self.width = width
        self.height = height
        self.bits = bits
    }

    public var count: Int { bits.reduce(0) { $0 + Int($1) } }

    public subscript(_ x: Int, _ y: Int) -> UInt8 {
        x >= 0 && y >= 0 && x < width && y < height ? bits[y * width + x] : 0
    }

    /// Dilation, then erosion by a square of side 2 · `radius` + 1: closes gaps up to 2 · `radius` wide, in an endless plane
    /// of zeros around the picture.
    public func closed(radius: Int) -> BinaryImage {
        guard radius > 0 else { return self }
        return padded(by: radius).dilated(radius).inverted().dilated(radius).inverted().padded(by: -radius)
    }

    /// With a margin of zeros, or without the margin it has.
    private func padded(by margin: Int) -> BinaryImage {
        let (across, down) = (width + 2 * margin, height + 2 * margin)
        var bits = [UInt8](repeating: 0, count: across * down)
        for y in max(0, -margin)..<min(height, height + margin) {
            for x in max(0, -margin)..<min(width, width + margin) {
                bits[(y + margin) * across + x + margin] = self.bits[y * width + x]
            }
        }
        return BinaryImage(width: across, height: down, bits: bits)
    }

    private func inverted() -> BinaryImage { BinaryImage(width: width, height: height, bits: bits.map { 1 - $0 }) }

    private func dilated(_ radius: Int) -> BinaryImage {
        var across = [UInt8](repeating: 0, count: bits.count)
        for line in stride(from: 0, to: bits.count, by: width) {
            var inWindow = bits[line..<(line + min(radius, width))].reduce(0) { $0 + Int($1) }
            for x in 0..<width {
                if x + radius < width { inWindow += Int(bits[line + x + radius]) }
                if x > radius { inWindow -= Int(bits[line + x - radius - 1]) }
                across[line + x] = inWindow > 0 ? 1 : 0
            }
        }
        var down = across
        var inWindow = [Int32](repeating: 0, count: width)
        func change(_ row: Int, by sign: Int32) {
            guard row >= 0, row < height else { return }
            for x in 0..<width { inWindow[x] &+= sign &* Int32(across[row * width + x]) }
        }
        for row in 0..<radius { change(row, by: 1) }
        for row in 0..<height {
            change(row + radius, by: 1)
            change(row - radius - 1, by: -1)
            for x in 0..<width { down[row * width + x] = inWindow[x] > 0 ? 1 : 0 }
        }
        return BinaryImage(width: width, height: height, bits: down)
    }

    /// Clears one pixel wherever two of them touch at a corner only. Afterwards every outline is a simple ring, regions
    /// are the same under 4- and 8-connection, and outlines of different regions share no point.
    public mutating func clearDiagonalTouches() {
        // Clearing a pixel can only make new touches in the four windows around it; those are looked at again.
        var again: [(x: Int, y: Int)] = []
        for y in 0..<max(height - 1, 0) {
            for x in 0..<max(width - 1, 0) {
                guard isTouch(x, y) else { continue }
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

    private func isTouch(_ x: Int, _ y: Int) -> Bool {
        let upper = y * width + x
        let lower = upper + width
        return bits[upper] == bits[lower + 1] && bits[upper + 1] == bits[lower] && bits[upper] != bits[lower]
    }

    /// Clears the lower pixel of a diagonal pair in the 2 × 2 window at (`x`, `y`).
    private mutating func clearTouch(_ x: Int, _ y: Int) -> (x: Int, y: Int)? {
        guard isTouch(x, y) else { return nil }
        let cleared = (x: bits[y * width + x] == 1 ? x + 1 : x, y: y + 1)
        bits[cleared.y * width + cleared.x] = 0
        return cleared
    }
}
