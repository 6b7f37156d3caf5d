/// What is known of an encoder that people use: facts, no weights. Names and shapes of tensors cannot prove that weights are
/// those of a preset; its name is the word of whoever imports them.
public struct EncoderPreset: Equatable, Sendable {
    /// What a patch goes through before the network.
    public struct Preprocessing: Equatable, Sendable {
        /// Side in pixels that the network takes.
        public var input: Int
        /// Side that a patch is brought to before `input` pixels in its middle are cut out; nil: `input`.
        public var resize: Int?
        public var interpolation: EncoderManifest.Interpolation
        public var mean: [Double]
        public var std: [Double]

        public init(
            input: Int,
            resize: Int? = nil,
            interpolation: EncoderManifest.Interpolation,
            mean: [Double],
            std: [Double]
        ) {
            (self.input, self.resize, self.interpolation) = (input, resize, interpolation)
            (self.mean, self.std) = (mean, std)
        }
    }

    /// What stands behind the architecture of a preset.
    public enum Proof: Equatable, Sendable {
        /// Every name and shape of this library's model is mapped exactly once, and a small network of its kind gives that
        /// library's features.
        case library(String)
        /// No library that can be had builds it; why.
        case unverified(String)
    }

    /// Of the command line, and of the folder of its features.
    public let name: String
    public let title: String
    /// Where the weights are to be had.
    public let source: String
    public let licence: String
    /// Whether the licence allows commercial use.
    public let isCommercial: Bool
    /// Side in pixels of the patches that it is usually given, and their µm per pixel; nil: it was made for no slides.
    public let patch: Int?
    public let mpp: Double?
    public let preprocessing: Preprocessing
    public let architecture: EncoderArchitecture
    public let proof: Proof
    /// Files of its weights whose digests are known; empty: none are.
    public let published: [PublishedWeights]

    /// Numbers per patch.
    public var dim: Int { architecture.dim }

    /// The side of a patch in µm.
    public var field: Double? {
        guard let patch, let mpp else { return nil }
        return Double(patch) * mpp
    }

    init(
        _ name: String,
        _ title: String,
        from source: String,
        _ terms: (licence: String, isCommercial: Bool),
        cut patches: (side: Int, mpp: Double)?,
        _ preprocessing: Preprocessing,
        _ architecture: EncoderArchitecture,
        proof: Proof,
        published: [PublishedWeights] = []
    ) {
        (self.name, self.title, self.source) = (name, title, source)
        (licence, isCommercial) = terms
        (patch, mpp) = (patches?.side, patches?.mpp)
        self.preprocessing = preprocessing
        self.architecture = architecture
        self.proof = proof
        self.published = published
    }

    /// The preset of a name, whatever its capitals.
    public static func named(_ name: String) -> EncoderPreset? { all.first { $0.name == name.lowercased() } }
}
