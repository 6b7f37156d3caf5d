public import ArgumentParser
import Config
public import Records

/// How slides become pixels, where a user decides it.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Colours of the pixels: stored as they are in the file, or icc, sRGB by the slide's ICC profile. Default: stored.",
            valueName: "stored|icc"
        )
    )
    var colour: ReadingRules.Colour?

    @Option(
        help: ArgumentHelp(
            "Components of JPEG tiles, where slides contradict themselves. Default: what they say.",
            valueName: "rgb|ycbcr"
        )
    )
    var jpegColour: ReadingRules.JPEGColour?

    @Flag(help: "Take slides of one channel, as grey RGB.")
    var acceptGrey = false

    @Option(
        help: ArgumentHelp(
            "Of slides with several scenes, the one that is taken, from 1. Default: all.",
            valueName: "n"
        )
    )
    var scene: Int?

    var changes: ReadingChanges {
        var changes = ReadingChanges()
        (changes.colour, changes.jpegColour, changes.acceptsGrey) = (colour, jpegColour, acceptGrey)
        changes.scene = scene
        return changes
    }

    /// - Throws: `ConfigError` for a value out of range.
    func rules() throws -> ReadingRules {
        var tiling = TilingConfig()
        changes.apply(to: &tiling)
        try tiling.validate()
        return tiling.rules
    }
}

extension ReadingRules.Colour: ExpressibleByArgument {}
extension ReadingRules.JPEGColour: ExpressibleByArgument {}
