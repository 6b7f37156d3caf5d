public import Records

/// How pixels were read, as attributes of the root of patch and feature files; what is usual is left out.
public enum ReadingFacts {
    static let colour = "wsi_colour"

    public static func attributes(of rules: ReadingRules) -> [String: String] {
        var attributes: [String: String] = [:]
        if rules.colour != .stored { attributes[colour] = rules.colour.rawValue }
        attributes["wsi_jpeg_colour"] = rules.jpegColour?.rawValue
        if rules.acceptsGrey { attributes["wsi_accept_grey"] = "true" }
        attributes["wsi_scene"] = rules.scene.map { "\($0)" }
        return attributes
    }
}
