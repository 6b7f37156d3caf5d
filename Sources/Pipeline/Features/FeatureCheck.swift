import Config
import Foundation
import Records
import Storage

/// Looks at the feature file of every slide of a cohort: whether it is there, fits the others and, if asked, holds finite
/// numbers.
struct FeatureCheck {
    private(set) var features = Features()
    private(set) var notes: [String] = []
    private(set) var problems: [Problem] = []
    private let shelf = FeatureShelf()

    /// - Parameters:
    ///   - path: another tool's folder or file.
    ///   - values: whether every number is read, which takes as long as the disk needs.
    ///   - looked: is told of each slide.
    init(_ path: URL, of reading: StudyReading, values: Bool, looked: (SlideID) -> Void) {
        // What is wrong with the folder itself is a problem of the reading, as are slides without a file.
        guard let folder = reading.featureFolder else { return }
        let labelled = reading.cohort.slides.map(\.slide)
        let matched = folder.matched(to: labelled + reading.labels.absent.keys)
        for (slide, files) in matched.clashes where Set(labelled).contains(slide) {
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
        check(reading, place: path.path, values: values, looked)
        features.name = reading.config.features.encoder ?? features.name ?? Self.name(of: path)
    }

    /// - Parameter features: what a job has made.
    init(_ features: Features, of reading: StudyReading, place: String, looked: (SlideID) -> Void) {
        self.features = features
        let missing = MissingSlides(
            reading.cohort.slides.map(\.slide).filter { features.files[$0] == nil && features.refused[$0] == nil },
            of: reading.labels,
            wanted: reading.config.cohort.missing,
            code: .notFound,
            one: "has no features in \(place)",
            several: "have no features in \(place)",
            strangers: Array(Set(features.files.keys).subtracting(reading.cohort.slides.map(\.slide)))
        )
        problems += missing.problems
        notes += [missing.note].compactMap { $0 }
        check(reading, place: place, values: true, looked)
    }

    private mutating func check(_ reading: StudyReading, place: String, values: Bool, _ looked: (SlideID) -> Void) {
        var shapes: [(slide: SlideID, file: String, shape: FeatureShape)] = []
        var refusals: [Refusal] = []
        for labelled in reading.cohort.slides {
            defer { looked(labelled.slide) }
            do {
                if let refusal = try features.refusal(of: labelled.slide) {
                    refusals.append(refusal)
                    continue
                }
            } catch { problems += Problem.all(of: error, file: place) }
            guard let file = features.files[labelled.slide] else { continue }
            do {
                shapes.append((labelled.slide, file.path, try shape(of: labelled.slide, in: file, values: values)))
            } catch { problems += Problem.all(of: error, file: file.path) }
        }
        problems += Refusal.failures(refusals).map { failure in
            Problem(failure.code, place, "slide '\(failure.subject ?? "")': \(failure.message)")
        }
        compare(
            shapes,
            encoder: reading.config.features.path == nil ? nil : reading.config.features.encoder,
            tiling: reading.config.features.path == nil ? reading.config.tiling : nil,
            allowsScale: reading.allowsScaleMismatch
        )
        problems += Self.emptyParts(reading, without: Set(shapes.filter { $0.shape.count == 0 }.map(\.slide)), place)
    }

    /// Looks at where the patches of another tool lie.
    /// - Parameter layout: a job that may have tiled the slides.
    mutating func addPlacement(of reading: StudyReading, in layout: JobLayout?) {
        var placement = PlacementCheck(layout, slides: Set(reading.cohort.slides.map(\.slide)))
        for slide in reading.cohort.slides.map(\.slide) {
            guard let file = features.files[slide] else { continue }
            do {
                let side = reading.config.features.patchSizeLevel0
                guard let fault = try placement.fault(of: slide, in: file, side: side) else { continue }
                problems.append(Problem(fault.code, file.path, "slide '\(slide)': \(fault.message)"))
            } catch {
                // A file that cannot be read is a problem already.
                continue
            }
        }
        notes += placement.notes
    }

    private mutating func shape(of slide: SlideID, in file: URL, values: Bool) throws -> FeatureShape {
        guard values else { return try shelf.shape(of: file, slide: slide) }
        let content = try shelf.features(in: file, of: slide)
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
        return FeatureShape(count: content.count, width: content.width, facts: content.facts)
    }

    /// What a training would refuse after all: slides without a patch are not trained on, and of a class none may be left.
    private static func emptyParts(_ reading: StudyReading, without empty: Set<SlideID>, _ place: String) -> [Problem] {
        guard !empty.isEmpty else { return [] }
        let cohort = reading.cohort
        if empty.count == cohort.slides.count { return [Problem(.usage, place, "no slide has a patch")] }
        let targets = Dictionary(cohort.slides.map { ($0.slide, $0.target) }, uniquingKeysWith: { first, _ in first })
        return cohort.needs.compactMap { need in
            func isMet(_ slide: SlideID) -> Bool { targets[slide].map(need.isMet) ?? false }
            let folds = reading.splits.filter { split in
                split.train.contains(where: isMet) && !split.train.contains { isMet($0) && !empty.contains($0) }
            }
            guard let first = folds.first else { return nil }
            let also = folds.count > 1 ? ", and in \(folds.count - 1) fold(s) more" : ""
            return Problem(
                .usage,
                place,
                "fold \(first.fold)\(also): no training slide with \(need.name) has a patch; use fewer folds, or leave it out"
            )
        }
    }

    /// The width and the encoder of most slides are taken for the right ones.
    private mutating func compare(
        _ shapes: [(slide: SlideID, file: String, shape: FeatureShape)],
        encoder wanted: String?,
        tiling: TilingConfig?,
        allowsScale: Bool
    ) {
        let full = shapes.filter { $0.shape.count > 0 }
        let width = Self.mostFrequent(full.map(\.shape.width))
        var consensus = PatchFacts.consensus(shapes.map(\.shape.facts))
        consensus.encoder.name = wanted ?? consensus.encoder.name
        for (slide, file, shape) in full where shape.width != width {
            problems.append(
                Problem(
                    .bag,
                    file,
                    "slide '\(slide)' has features \(shape.width) wide; most have \(width ?? 0); use those of one encoder"
                )
            )
        }
        var join = FeatureJoin(with: consensus, of: "most slides", allowsScale: allowsScale)
        for (slide, _, shape) in shapes { join.add(slide, shape.facts) }
        let files = Dictionary(shapes.map { ($0.slide, $0.file) }, uniquingKeysWith: { first, _ in first })
        problems += join.refused.map { slide, mismatch in
            Problem(
                .mismatch,
                files[slide] ?? "",
                "slide '\(slide)': \(mismatch.member.words) of its features is \(mismatch.first), that of most slides "
                    + "\(mismatch.second); \(FeatureJoin.remedy([mismatch]))"
            )
        }
        notes += join.notes
        if let tiling, let note = tiling.note(beside: consensus) { notes.append(note) }
        let empty = shapes.filter { $0.shape.count == 0 }.map(\.slide.text)
        if !empty.isEmpty {
            let shown = empty.shortened
            notes.append("\(empty.count) slide(s) have no patch and are left out: \(shown)")
        }
        features.name = consensus.encoder.name
        features.facts = consensus
        features.width = width
    }

    private static func mostFrequent<Value: Hashable & Comparable>(_ values: [Value]) -> Value? {
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }

    /// TRIDENT's folders are called `features_<encoder>`; another folder's own name is the best there is.
    private static func name(of path: URL) -> String {
        let name = path.deletingPathExtension().lastPathComponent
        guard case .features(let encoder)? = JobLayout.GridFolder(name: name) else { return name }
        return encoder
    }
}
