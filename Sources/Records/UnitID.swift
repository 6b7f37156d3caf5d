/// What an outcome is about: a slide, a fold of a training, the metrics of one, or what its models say together. The name of its file
/// in `JOB/outcomes/<stage>`.
public struct UnitID: Hashable, Sendable {
    public let text: String

    private init(known text: String) { self.text = text }

    /// A name that was read.
    /// - Throws: `Failure` with `.unsafeID` as `SlideID`: it is part of paths, too.
    public init(_ name: String) throws { self.init(try SlideID(name)) }

    public init(_ slide: SlideID) { self.init(known: slide.text) }

    /// - Parameter seed: nil where the training has one.
    public static func fold(_ fold: Int, seed: UInt64?) -> UnitID { UnitID(known: FoldName.unit(fold, seed: seed)) }

    /// The one unit of `evaluate` and `summarise`.
    public static let metrics = UnitID(known: "metrics")

    /// The one unit of `ensemble`.
    public static let ensemble = UnitID(known: "ensemble")

    private static let ending = ".json"

    /// nil for a file that is no outcome.
    public init?(fileName: String) {
        guard fileName.hasSuffix(Self.ending), let unit = try? UnitID(String(fileName.dropLast(Self.ending.count)))
        else { return nil }
        self = unit
    }

    public var fileName: String { text + Self.ending }

    /// The slide of this name: in stages whose units are slides, whatever they are called.
    public var slide: SlideID { SlideID(of: self) }

    /// In stages whose units are folds; nil for any other name.
    public var fold: (fold: Int, seed: UInt64?)? { FoldName.parts(ofUnit: text) }
}

extension UnitID: CustomStringConvertible {
    public var description: String { text }
}

extension UnitID: Comparable {
    public static func < (left: UnitID, right: UnitID) -> Bool { left.text < right.text }
}

extension UnitID: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Outcome {
    /// In stages of slides.
    public var slide: SlideID { unit.slide }
}
