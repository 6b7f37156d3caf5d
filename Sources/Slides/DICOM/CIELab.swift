import Foundation
import Imaging

extension RGB {
    /// The colour of pixels that a scanner left out (RecommendedAbsentPixelCIELabValue; PS3.3, C.10.7.1.1), in sRGB.
    /// - Parameter stored: L*, a*, b* of white point D50, each over the whole of 16 bits.
    init?(absentPixel stored: [Int]) {
        guard stored.count == 3 else { return nil }
        let lightness = Double(stored[0]) / 65_535 * 100
        let (a, b) = (Double(stored[1]) / 257 - 128, Double(stored[2]) / 257 - 128)
        let middle = (lightness + 16) / 116
        func linear(_ value: Double) -> Double {
            value > 6.0 / 29 ? value * value * value : 3 * (6.0 / 29) * (6.0 / 29) * (value - 4.0 / 29)
        }
        let x = 0.9642 * linear(middle + a / 500)
        let y = linear(middle)
        let z = 0.8249 * linear(middle - b / 200)
        // From D50 (Bradford).
        let rows = [
            3.1338561 * x - 1.6168667 * y - 0.4906146 * z, -0.9787684 * x + 1.9161415 * y + 0.0334540 * z,
            0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
        ]
        let bytes = rows.map { value in
            let gamma = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
            return UInt8(clamping: Int((gamma * 255).rounded()))
        }
        self.init(bytes[0], bytes[1], bytes[2])
    }
}
