/// A colour in 8-bit sRGB.
public struct RGB: Equatable, Hashable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    @inlinable
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Six hexadecimal digits, as OpenSlide writes a background colour.
    public init?(hex: String) {
        guard hex.utf8.count == 6, let value = UInt32(hex, radix: 16) else { return nil }
        self.init(UInt8(value >> 16), UInt8(value >> 8 & 255), UInt8(value & 255))
    }

    public static let white = RGB(255, 255, 255)

    /// This colour under another one, whose part of the mixture is `share`, 0 to 1.
    @inlinable
    public func mixed(with other: RGB, share: Float) -> RGB {
        func mixed(_ below: UInt8, _ above: UInt8) -> UInt8 {
            let ground = Float(below)
            return UInt8((ground + (Float(above) - ground) * share).rounded())
        }
        return RGB(mixed(red, other.red), mixed(green, other.green), mixed(blue, other.blue))
    }
}
