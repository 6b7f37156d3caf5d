import Foundation
public import Records

/// 256 colours from low to high, perceptually uniform by construction.
///
/// In OKLab (B. Ottosson, 2020) lightness rises linearly while the hue follows a smooth curve through control points at
/// constant speed; equal steps in value are therefore equal steps in lightness and in colour distance.
public struct ColourMap: Equatable, Sendable {
    /// The names by which configs, flags and the review page choose one. A new colour map is a case here and a recipe below.
    public enum Name: String, DescribedChoice {
        case lagoon
        case dune
    }

    /// What a colour map is made of, and what for.
    struct Recipe {
        /// OKLab's lightness at the low and the high end.
        var lightness: (low: Double, high: Double)
        /// The points in OKLab's plane of hues that the curve goes through.
        var points: [(a: Double, b: Double)]
        /// The hues from low to high, and why these.
        var purpose: String
        /// What is said beside the name where one is chosen; nil for the usual one.
        var note: String?
    }

    /// 256 colours.
    public let colours: [RGB]

    /// Whether the faint colour is in the middle.
    public private(set) var isSigned = false

    /// For numbers of both signs: teal, white in the middle, orange; told apart with every common kind of colour blindness.
    public static let signed = ColourMap(signed: [(0.45, -0.06, -0.09), (0.97, 0, 0), (0.6, 0.1, 0.12)])

    /// From OKLab's lightness and hue at the low end, in the middle and at the high end, in straight lines.
    private init(signed points: [(lightness: Double, a: Double, b: Double)]) {
        isSigned = true
        colours = (0..<256).map { index in
            let place = Double(index) / 127.5
            let (from, to) = place < 1 ? (points[0], points[1]) : (points[1], points[2])
            let share = place < 1 ? place : place - 1
            return Self.sRGB(
                lightness: from.lightness + (to.lightness - from.lightness) * share,
                a: from.a + (to.a - from.a) * share,
                b: from.b + (to.b - from.b) * share
            )
        }
    }

    /// How far a position is from the faint colour, 0...1 on the map.
    public func strength(at position: Float) -> Float { isSigned ? min(1, abs(2 * position - 1)) : position }

    public init(_ name: Name) {
        let recipe = name.recipe
        self.init(lightness: recipe.lightness, through: recipe.points)
    }

    /// Every colour map, made once.
    public static let all = Name.allCases.map { (name: $0, map: ColourMap($0)) }

    /// The colour at a position in 0...1; positions outside take the end's colour.
    public func colour(at position: Float) -> RGB {
        colours[Int((min(max(position, 0), 1) * Float(colours.count - 1)).rounded())]
    }

    private init(lightness: (low: Double, high: Double), through points: [(a: Double, b: Double)]) {
        let curve = Self.smoothCurve(points)
        var travelled = [0.0]
        for (from, to) in zip(curve, curve.dropFirst()) {
            travelled.append(travelled[travelled.count - 1] + hypot(to.a - from.a, to.b - from.b))
        }
        let length = travelled[travelled.count - 1]
        var next = 1
        colours = (0..<256).map { index in
            let t = Double(index) / 255
            while next < curve.count - 1, travelled[next] < t * length { next += 1 }
            let share = (t * length - travelled[next - 1]) / max(travelled[next] - travelled[next - 1], 1e-12)
            let (from, to) = (curve[next - 1], curve[next])
            return Self.sRGB(
                lightness: lightness.low + (lightness.high - lightness.low) * t,
                a: from.a + (to.a - from.a) * share,
                b: from.b + (to.b - from.b) * share
            )
        }
    }

    /// A Catmull–Rom spline through the points, in short straight pieces.
    private static func smoothCurve(_ points: [(a: Double, b: Double)]) -> [(a: Double, b: Double)] {
        func mirrored(_ end: (a: Double, b: Double), _ inner: (a: Double, b: Double)) -> (a: Double, b: Double) {
            (2 * end.a - inner.a, 2 * end.b - inner.b)
        }
        let last = points.count - 1
        let padded = [mirrored(points[0], points[1])] + points + [mirrored(points[last], points[last - 1])]
        let pieces = 1024
        var curve: [(a: Double, b: Double)] = []
        for segment in 0..<last {
            let (p0, p1, p2, p3) = (padded[segment], padded[segment + 1], padded[segment + 2], padded[segment + 3])
            for piece in 0..<pieces {
                let t = Double(piece) / Double(pieces)
                func blend(_ w: Double, _ x: Double, _ y: Double, _ z: Double) -> Double {
                    let linear = (y - w) * t
                    let square = (2 * w - 5 * x + 4 * y - z) * t * t
                    let cube = (3 * x - w - 3 * y + z) * t * t * t
                    return (2 * x + linear + square + cube) / 2
                }
                curve.append((blend(p0.a, p1.a, p2.a, p3.a), blend(p0.b, p1.b, p2.b, p3.b)))
            }
        }
        return curve + [points[last]]
    }

    private static func sRGB(lightness: Double, a: Double, b: Double) -> RGB {
        func cubed(_ value: Double) -> Double { value * value * value }
        let l = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
        let m = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
        let s = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
        func byte(_ linear: Double) -> UInt8 {
            let value = min(max(linear, 0), 1)
            let encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
            return UInt8((encoded * 255).rounded())
        }
        return RGB(
            byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)
        )
    }
}

extension ColourMap.Name {
    var recipe: ColourMap.Recipe {
        switch self {
        case .lagoon:
            ColourMap.Recipe(
                lightness: (0.42, 0.945),
                points: [
                    (-0.0087, -0.0996), (-0.0574, -0.0819), (-0.094, -0.0342), (-0.1159, 0.0311), (-0.0996, 0.1187),
                    (-0.0455, 0.1586),
                ],
                purpose: "blue, teal, green, yellow: hues that haematoxylin and eosin do not have"
            )
        case .dune:
            ColourMap.Recipe(
                lightness: (0.38, 0.915),
                points: [
                    (-0.0218, -0.1027), (-0.0104, -0.0386), (-0.0052, 0.0295), (-0.0125, 0.0891), (-0.0209, 0.1485),
                ],
                purpose: "blue, grey, yellow: told apart with every common kind of colour blindness",
                note: "colour-blind safe"
            )
        }
    }

    /// The name and what sets it apart, as `dune (colour-blind safe)`.
    public var title: String { recipe.note.map { "\(rawValue) (\($0))" } ?? rawValue }

    /// Its hues from low to high and why these, for documents.
    public var meaning: String { recipe.purpose }
}
