import Foundation
import Records
import Storage

/// Looks at the feature file of every slide of a cohort: whether it is there, fits the others and, if asked, holds finite
/// numbers.
struct FeatureCheck {
    private(set) var features = Features()
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []
    /// Slides that have features and no label.
    private var strangers: [SlideID] = []

    /// - Parameters:
    ///   - path: another tool's folder or file.
    ///   - values: whether every number is read, which takes as long as the disk needs.
    ///   - looked: is told of each slide.
    init(_ path: URL, of reading: StudyReading, values: Bool, looked: (SlideID) -> Void) {
        // What is wrong with the folder itself is a problem of the reading.
        guard let folder = reading.featureFolder else { return }
        let matched = folder.matched(to: reading.cohort.slides.map(\.slide))
        for (slide, files) in matched.clashes where matched.files[slide] != nil {
            problems.append(
                Problem(
                    .table,
                    path.path,
                    "two files are of slide '\(slide)': \(files.map(\.path).joined(separator: " and ")); "
                        + "name the folder of one kind"
                )
            )
        }
        features.files = matched.files
        notes += folder.notes
        if !matched.unsafe.isEmpty {
            let shown = matched.unsafe.map(SlideID.shown).shortened
            notes.append("\(matched.unsafe.count) feature file(s) have names that no slide can have: \(shown)")
        }
        if !matched.strangers.isEmpty {
            let shown = matched.strangers.keys.sorted().map(\.text).shortened
            notes.append(
                "\(matched.strangers.count) feature file(s) are of no labelled slide and are left out: \(shown)"
            )
        }
        strangers = Array(matched.strangers.keys)
        check(reading, place: path.path, values: values, looked)
        features.name = reading.config.features.encoder ?? features.name ?? Self.name(of: path)
    }

    /// - Parameter features: what a job has made.
    init(_ features: Features, of reading: StudyReading, place: String, looked: (SlideID) -> Void) {
        self.features = features
        strangers = Array(Set(features.files.keys).subtracting(reading.cohort.slides.map(\.slide)))
        check(reading, place: place, values: true, looked)
    }

    private mutating func check(_ reading: StudyReading, place: String, values: Bool, _ looked: (SlideID) -> Void) {
        var shapes: [(slide: SlideID, file: String, shape: FeatureShape)] = []
        var missing: [NamedRow] = []
        for labelled in reading.cohort.slides {
            defer { looked(labelled.slide) }
            guard let file = features.files[labelled.slide] else {
                missing.append(NamedRow(name: labelled.slide.text, line: reading.labels.lines[labelled.slide]))
                continue
            }
            do {
                shapes.append((labelled.slide, file.path, try shape(of: labelled.slide, in: file, values: values)))
            } catch { problems += Problem.all(of: error, file: file.path) }
        }
        problems += Problem.names(
            .notFound,
            reading.labels.file.path,
            missing,
            one: "has no features in \(place)",
            several: "have no features in \(place)",
            hint: NameHint.text(missing.map(\.name), slides: strangers)
        )
        compare(shapes, encoder: reading.config.features.path == nil ? nil : reading.config.features.encoder)
    }

    private mutating func shape(of slide: SlideID, in file: URL, values: Bool) throws -> FeatureShape {
        guard values else { return try FeatureFile.shape(of: file, slide: slide) }
        let content = try FeatureFile(contentsOf: file, slide: slide)
        let bad = content.nonFiniteRows
        if let row = bad.first {
            problems.append(
                Problem(
                    .nonFinite,
                    file.path,
                    "slide '\(slide)': \(bad.count) of \(content.count) patches hold NaN or infinity, the first is patch \(row)"
                )
            )
        }
        return FeatureShape(count: content.count, width: content.width, encoder: content.encoder)
    }

    /// The width and the encoder of most slides are taken for the right ones.
    private mutating func compare(
        _ shapes: [(slide: SlideID, file: String, shape: FeatureShape)],
        encoder wanted: String?
    ) {
        let full = shapes.filter { $0.shape.count > 0 }
        let width = Self.mostFrequent(full.map(\.shape.width))
        let encoder = wanted ?? Self.mostFrequent(shapes.compactMap(\.shape.encoder))
        for (slide, file, shape) in full where shape.width != width {
            problems.append(
                Problem(
                    .bag,
                    file,
                    "slide '\(slide)' has features \(shape.width) wide; most have \(width ?? 0); use those of one encoder"
                )
            )
        }
        for (slide, file, shape) in shapes {
            guard let found = shape.encoder, let encoder, found != encoder else { continue }
            problems.append(
                Problem(.bag, file, "slide '\(slide)' has features of \(found); those of \(encoder) are wanted")
            )
        }
        let empty = shapes.filter { $0.shape.count == 0 }.map(\.slide.text)
        if !empty.isEmpty {
            let shown = empty.shortened
            notes.append("\(empty.count) slide(s) have no patch and are left out: \(shown)")
        }
        features.name = encoder
    }

    private static func mostFrequent<Value: Hashable & Comparable>(_ values: [Value]) -> Value? {
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }

    /// TRIDENT's folders are called `features_<encoder>`; another folder's own name is the best there is.
    private static func name(of path: URL) -> String {
        let name = path.deletingPathExtension().lastPathComponent
        return name.hasPrefix("features_") ? String(name.dropFirst("features_".count)) : name
    }
}
