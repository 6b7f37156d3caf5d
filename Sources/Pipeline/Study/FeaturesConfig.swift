public import Config
import Records

/// Which features the model is trained on.
public struct FeaturesConfig: ConfigSection {
    public var path: String?
    /// With `path`, the encoder's name; nil: the one that the files tell.
    public var encoder: String? = "he-texture-v1"
    public var patchSizeLevel0: Int?
    public var device = DeviceChoice.auto
    public var precision = Precision.auto

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case path, encoder, device, precision
        case patchSizeLevel0 = "patch_size_level0"
    }

    /// Sides that a patch can have in level-0 pixels.
    public static let sides = 1...1_048_576

    public init() {}

    public static let words = "Which features the model is trained on."

    public static let fields: [Field] = [
        Field(
            .path,
            \.path,
            .text,
            "Features that are there already, such as another tool's: a folder, or one file for all slides; relative to the "
                + "config file.",
            absent: "those that this job makes of its slides",
            flags: ["--features"]
        ),
        Field(
            .encoder,
            \.encoder,
            .text,
            "`he-texture-v1`, or the path of an encoder's JSON relative to the config file. With `path`, the encoder's name.",
            absent: "with `path`: the one that the files tell",
            flags: ["--encoder"]
        ),
        Field(
            .device,
            \.device,
            .device,
            "Where neural encoders compute.",
            flags: [ConfigFlag("--device", of: ["features"])]
        ),
        Field(
            .precision,
            \.precision,
            .choice,
            "What neural encoders compute in.",
            flags: [ConfigFlag("--precision", of: ["features"])]
        ),
        Field(
            .patchSizeLevel0,
            \.patchSizeLevel0,
            .whole(sides, "level-0 pixels"),
            "Side of a patch, for features at `path` that do not say it.",
            absent: "from the distance of patches",
            when: [
                .with(.path, \.path, because: "features that this job makes say their side; leave this out")
            ],
            flags: [ConfigFlag("--patch-size-level0", of: ["predict"])]
        ),
    ]

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        self.init()
        try reader.read([.path], into: &self)
        if path != nil { encoder = nil }
        try reader.read(into: &self)
        try check(at: reader.path)
    }
}
