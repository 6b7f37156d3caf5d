/// What a feature file, a model or a prediction says of how its patches were cut and encoded. What is nil was not said: it
/// contradicts nothing. `mismatches(with:)` is the one answer to "do these belong together".
public struct PatchFacts: Codable, Equatable, Sendable {
    /// Who turned pixels into features.
    public struct Encoder: Codable, Equatable, Sendable {
        public var name: String?
        /// SHA-256 of the weights; of a built-in encoder its name, which is its version.
        public var digest: String?
        /// What is done to a patch before the encoder sees it.
        public var preprocessing: String?
        public var licence: String?

        public init(
            name: String? = nil,
            digest: String? = nil,
            preprocessing: String? = nil,
            licence: String? = nil
        ) {
            (self.name, self.digest, self.preprocessing, self.licence) = (name, digest, preprocessing, licence)
        }
    }

    /// What holds for one slide only.
    public struct OnSlide: Codable, Equatable, Sendable {
        /// Where the side in level-0 pixels comes from.
        public enum SideOrigin: String, Codable, Sendable {
            /// The file says it.
            case stated
            /// `--patch-size-level0` or `features.patch_size_level0`.
            case given
            /// From the distance of neighbouring patches: as if they touched.
            case inferred
        }

        /// What the file calls its slide, as a rule without an extension.
        public var name: String?
        /// Of level 0.
        public var size: PixelSize?
        /// Side of a patch in level-0 pixels.
        public var side: Int?
        public var sideOrigin: SideOrigin?
        /// Distance of neighbouring patches in level-0 pixels, where the side and an overlap are stated.
        public var step: Int?

        public init(
            size: PixelSize? = nil,
            side: Int? = nil,
            sideOrigin: SideOrigin? = nil,
            step: Int? = nil
        ) {
            (self.size, self.side, self.sideOrigin, self.step) = (size, side, sideOrigin, step)
        }

        enum CodingKeys: String, CodingKey {
            case name, size, side, step
            case sideOrigin = "side_origin"
        }
    }

    /// µm per pixel of a patch, as the encoder's preprocessing is given it.
    public var mpp: Double?
    /// Side of a patch in those pixels.
    public var side: Int?
    /// Side of a patch in µm, where that is said without `mpp` or `side`.
    public var extent: Double?
    public var encoder: Encoder
    public var onSlide: OnSlide
    /// What the pixels' colours are; nil: as they are stored, which is what everybody has who says nothing.
    public var colour: ReadingRules.Colour?

    public init(
        mpp: Double? = nil,
        side: Int? = nil,
        extent: Double? = nil,
        encoder: Encoder = Encoder(),
        onSlide: OnSlide = OnSlide()
    ) {
        (self.mpp, self.side, self.extent, self.encoder, self.onSlide) = (mpp, side, extent, encoder, onSlide)
    }

    enum CodingKeys: String, CodingKey {
        case mpp, side, extent, encoder, colour
        case onSlide = "on_slide"
    }

    /// µm, from whatever says it.
    private var length: Double? {
        if let mpp, let side { return mpp * Double(side) }
        return extent
    }

    /// Two numbers of µm further apart than this are different scales.
    public static let tolerance = 1.05

    private static func differ(_ first: Double, _ second: Double) -> Bool {
        max(first, second) > tolerance * min(first, second)
    }

    /// What contradicts each other, of all that both say.
    public func mismatches(with other: PatchFacts) -> [Mismatch] {
        var found: [Mismatch] = []
        func compare<Value>(
            _ member: Mismatch.Member,
            _ first: Value?,
            _ second: Value?,
            _ differ: (Value, Value) -> Bool,
            _ words: (Value) -> String
        ) {
            guard let first, let second, differ(first, second) else { return }
            found.append(Mismatch(member: member, first: words(first), second: words(second)))
        }
        compare(.scale, mpp, other.mpp, Self.differ) { "\(Self.rounded($0)) µm" }
        if side != nil, other.side != nil {
            compare(.side, side, other.side, !=) { "\($0) pixels" }
        } else {
            compare(.side, length, other.length, Self.differ) { "\(Self.rounded($0)) µm" }
        }
        if encoder.digest != nil, other.encoder.digest != nil {
            if encoder.digest != other.encoder.digest {
                found.append(Mismatch(member: .encoder, first: encoder.words, second: other.encoder.words))
            }
        } else {
            compare(.encoder, encoder.name, other.encoder.name, !=) { $0 }
        }
        compare(.preprocessing, encoder.preprocessing, other.encoder.preprocessing, !=) { $0 }
        compare(.colour, colour ?? .stored, other.colour ?? .stored, !=) { $0.rawValue }
        compare(.slideSize, onSlide.size, other.onSlide.size, !=) { "\($0.width) × \($0.height)" }
        // Programs round a side to the pixel in ways of their own.
        compare(.sideOnSlide, onSlide.side, other.onSlide.side, { Self.differ(Double($0), Double($1)) }) {
            "\($0) pixels"
        }
        return found
    }

    /// What one of two says and the other does not.
    public func unsaid(beside other: PatchFacts) -> [Mismatch.Member] {
        func isOneSided<First, Second>(_ first: First?, _ second: Second?) -> Bool { (first == nil) != (second == nil) }
        var members: [Mismatch.Member] = []
        if isOneSided(mpp, other.mpp) { members.append(.scale) }
        if isOneSided(side, other.side), isOneSided(length, other.length) { members.append(.side) }
        if isOneSided(encoder.name, other.encoder.name), isOneSided(encoder.digest, other.encoder.digest) {
            members.append(.encoder)
        }
        return members
    }

    /// What most of these say; nothing of a slide. Of µm the median, since true scales differ a little.
    public static func consensus(_ all: [PatchFacts]) -> PatchFacts {
        func most<Value: Hashable & Comparable>(_ values: [Value?]) -> Value? {
            let counts = Dictionary(values.compactMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
            return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
        }
        func median(_ values: [Double?]) -> Double? {
            let sorted = values.compactMap { $0 }.sorted()
            return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
        }
        var consensus = PatchFacts(
            mpp: median(all.map(\.mpp)),
            side: most(all.map(\.side)),
            extent: median(all.map(\.extent)),
            encoder: Encoder(
                name: most(all.map(\.encoder.name)),
                digest: most(all.map(\.encoder.digest)),
                preprocessing: most(all.map(\.encoder.preprocessing)),
                licence: most(all.map(\.encoder.licence))
            )
        )
        let colour = most(all.map { ($0.colour ?? .stored).rawValue }).flatMap(ReadingRules.Colour.init)
        consensus.colour = colour == .stored ? nil : colour
        return consensus
    }

    private static func rounded(_ number: Double) -> String {
        let text = "\((number * 10_000).rounded() / 10_000)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension PatchFacts.Encoder {
    /// Name and the beginning of the digest.
    public var words: String {
        guard let digest, digest != name else { return name ?? "an encoder without a name" }
        return "\(name ?? "an encoder without a name") (\(digest.prefix(12)))"
    }
}

/// Something that two sides of a join say differently.
public struct Mismatch: Codable, Equatable, Hashable, Sendable {
    public enum Member: String, Codable, Sendable {
        case scale, side, encoder, preprocessing, colour
        case slideSize = "slide_size"
        case sideOnSlide = "side_on_slide"

        public var words: String {
            switch self {
            case .scale: "µm per pixel"
            case .side: "the side of a patch"
            case .encoder: "the encoder"
            case .preprocessing: "the encoder's preprocessing"
            case .colour: "the colour of the pixels"
            case .slideSize: "the slide's size"
            case .sideOnSlide: "the side of a patch on the slide"
            }
        }
    }

    public var member: Member
    /// What the side says that was asked, and the one that it was compared with.
    public var first: String
    public var second: String

    public init(member: Member, first: String, second: String) {
        (self.member, self.first, self.second) = (member, first, second)
    }

    /// Whether `--allow-scale-mismatch` goes on in spite of it.
    public var isOfScale: Bool { member == .scale || member == .side }
}
