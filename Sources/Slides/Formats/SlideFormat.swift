/// A format of slides: by what its files are found, and what belongs to one of its slides.
struct SlideFormat: Equatable, Sendable {
    /// What makes one slide.
    enum Files: Equatable, Sendable {
        /// One file.
        case one
        /// A file and, where there is one, the folder of the same name beside it with all that lies there, none of it a slide of
        /// its own.
        case withFolder
        /// A file and those that it names, beside it or in folders there.
        case named
        /// Those files of the folder that say that they are of one slide, whatever their names.
        case series
    }

    /// As the documents name it.
    var name: String
    /// Of the file that is opened, in lower case.
    var endings: [String]
    var files = Files.one

    /// Of every reader, each once.
    static let all: [SlideFormat] = SlideReading.all.flatMap(\.formats).reduce(into: []) { formats, format in
        if !formats.contains(format) { formats.append(format) }
    }

    private static let byEnding = Dictionary(
        all.flatMap { format in format.endings.map { ($0, format) } },
        uniquingKeysWith: { first, _ in first }
    )

    /// What files with this ending may be; nil for one that no format has.
    static func of(ending: String) -> SlideFormat? { byEnding[ending.lowercased()] }
}

/// Those of one file about which nothing else is to be said.
extension SlideFormat {
    static let leica = SlideFormat(name: "Leica SCN", endings: ["scn"])
    static let ventana = SlideFormat(name: "Ventana BIF", endings: ["bif"])
    static let sakura = SlideFormat(name: "Sakura", endings: ["svslide"])
}
