/// How what a slide stores becomes the pixels of a job, where its user decides it; every stage of a job has to do it alike.
public struct ReadingRules: Codable, Equatable, Sendable {
    /// What the pixels' colours are.
    public enum Colour: String, DescribedChoice {
        /// The values in the file, as every trainer has them.
        case stored
        /// sRGB, by the slide's ICC profile.
        case icc

        public var meaning: String {
            switch self {
            case .stored: "the values in the file, as every trainer has them"
            case .icc: "sRGB, by the slide's ICC profile; a slide without one keeps its values, with a note"
            }
        }
    }

    /// What the components of JPEG tiles are where a file contradicts itself.
    public enum JPEGColour: String, DescribedChoice {
        case rgb
        case yCbCr = "ycbcr"

        public var meaning: String {
            switch self {
            case .rgb: "red, green and blue"
            case .yCbCr: "brightness and two of colour"
            }
        }
    }

    public var colour: Colour
    /// nil: what the file says.
    public var jpegColour: JPEGColour?
    /// Whether slides of one channel are taken, as grey RGB.
    public var acceptsGrey: Bool
    /// Of a slide with several, the one that is read, from 1; nil: all of them.
    public var scene: Int?

    public init(
        colour: Colour = .stored,
        jpegColour: JPEGColour? = nil,
        acceptsGrey: Bool = false,
        scene: Int? = nil
    ) {
        self.colour = colour
        self.jpegColour = jpegColour
        self.acceptsGrey = acceptsGrey
        self.scene = scene
    }
}
