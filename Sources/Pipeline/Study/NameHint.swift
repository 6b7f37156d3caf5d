import Foundation
import Records
import Slides

/// What would make names match that do not: one line, from a small table of what programs and people do to ids.
///
/// Both sides are brought to a form in which the change does not show; a name counts where exactly one slide then has its form
/// and no other name has it. The change that explains most names is told.
enum NameHint {
    private struct Change: Sendable {
        /// A form of a name.
        var form: @Sendable (String) -> String
        /// What it comes to, for a name and the slide that it means.
        var words: @Sendable (String, String) -> String
    }

    /// In the order in which they are told where several explain as much.
    private static let changes: [Change] = [
        Change(form: { plain($0) }) { difference($0, $1) },
        Change(form: { plain(folderless($0)) }) { _, _ in "without the folder" },
        Change(form: { wholeNumber(plain($0)) }) { "as \($1) instead of \($0)" },
        Change(form: { withoutZeros(wholeNumber(plain($0))) }) { name, slide in
            name.count < slide.count ? "with leading zeros" : "without leading zeros"
        },
        Change(form: { plain($0).lowercased() }) { _, _ in "ignoring case" },
        Change(form: { withoutBlanks(plain($0)) }) { _, _ in "ignoring blanks" },
        Change(form: { plain($0).trimmingCharacters(in: quotes) }) { _, _ in "without quotation marks" },
        Change(form: { usual(plain($0)) }) { _, _ in "with the usual form of their characters" },
        Change(form: { joined(plain($0)) }) { _, _ in "with other separators" },
        Change(form: { String(plain(folderless($0)).prefix { $0 != "." }) }) { _, _ in "up to the first dot" },
        Change(form: { name in
            let bare = usual(withoutBlanks(plain(folderless(name)))).trimmingCharacters(in: quotes)
            return joined(withoutZeros(wholeNumber(bare))).lowercased()
        }) { "as \($1) instead of \($0)" },
    ]

    /// `all 92 would match with leading zeros`; nil where nothing known helps.
    /// - Parameters:
    ///   - names: those that no slide has.
    ///   - slides: those that nothing else is known to mean.
    static func text(_ names: [String], slides: [SlideID]) -> String? {
        let ids = slides.map(\.text)
        // A form takes microseconds, of which a million names with ten forms each would be minutes.
        guard !names.isEmpty, !ids.isEmpty, ids.count <= mostSlides else { return nil }
        let isSample = names.count > mostNames
        let names = Array(Set(isSample ? sample(of: names) : names)).sorted()
        let all = changes + affixes(names, ids)
        var best: (pairs: [(name: String, slide: String)], change: Change)?
        for change in all {
            let pairs = pairs(names, ids, change.form)
            if pairs.count > best?.pairs.count ?? 0 { best = (pairs, change) }
        }
        let beginnings = beginnings(names, ids)
        if beginnings.count > best?.pairs.count ?? 0 {
            best = (beginnings, Change(form: { $0 }) { "by their beginning, '\($0)' as \($1)" })
        }
        guard let best, let first = best.pairs.first else { return nil }
        let count = best.pairs.count
        let who =
            names.count == 1
            ? "it"
            : isSample
                ? "\(count) of \(names.count) that were looked at"
                : count == names.count ? "all \(Throughput.grouped(count))" : "\(count) of \(names.count)"
        return "\(who) would match \(best.change.words(first.name, first.slide))"
    }

    private static let mostSlides = 20_000
    private static let mostNames = 5000

    /// Evenly drawn from all.
    private static func sample(of names: [String]) -> [String] {
        (0..<mostNames).map { names[$0 * names.count / mostNames] }
    }

    private static func pairs(_ names: [String], _ ids: [String], _ form: (String) -> String) -> [(String, String)] {
        let byForm = Dictionary(grouping: ids, by: form)
        let wanted = Dictionary(grouping: names, by: form)
        return names.compactMap { name in
            let form = form(name)
            guard !form.isEmpty, wanted[form]?.count == 1, let found = byForm[form], found.count == 1 else {
                return nil
            }
            return (name, found[0])
        }
    }

    /// What is put before or after every id, such as `_patches`: tried are those of the first names.
    private static func affixes(_ names: [String], _ ids: [String]) -> [Change] {
        struct Affix: Hashable {
            var text: String
            var isPrefix: Bool
        }
        var counts: [Affix: Int] = [:]
        for name in names.prefix(10).map(plain) {
            for id in ids.map(plain) where id != name && !id.isEmpty && !name.isEmpty {
                let (long, short) = id.count > name.count ? (id, name) : (name, id)
                if long.hasPrefix(short) {
                    counts[Affix(text: String(long.dropFirst(short.count)), isPrefix: false), default: 0] += 1
                } else if long.hasSuffix(short) {
                    counts[Affix(text: String(long.dropLast(short.count)), isPrefix: true), default: 0] += 1
                }
            }
        }
        // A digit more makes another number.
        let frequent = counts.filter { $0.key.text.count >= 2 && !$0.key.text.allSatisfy(\.isNumber) }
            .sorted { ($1.value, $0.key.text) < ($0.value, $1.key.text) }.prefix(5)
        return frequent.map(\.key).map { affix in
            Change(form: { name in
                let name = plain(name)
                let has = affix.isPrefix ? name.hasPrefix(affix.text) : name.hasSuffix(affix.text)
                guard has else { return name }
                return String(affix.isPrefix ? name.dropFirst(affix.text.count) : name.dropLast(affix.text.count))
            }) { name, slide in
                "\(plain(name).count < plain(slide).count ? "with" : "without") '\(affix.text)'"
            }
        }
    }

    /// Names with which exactly one slide's id begins, as a case's barcode begins its slides', or the other way round.
    private static func beginnings(_ names: [String], _ ids: [String]) -> [(name: String, slide: String)] {
        let sorted = ids.sorted()
        return names.compactMap { name in
            guard name.count >= 4 else { return nil }
            // Sorted texts that begin with a name stand together.
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] < name { low = middle + 1 } else { high = middle }
            }
            guard low < sorted.count, sorted[low].hasPrefix(name),
                low + 1 == sorted.count || !sorted[low + 1].hasPrefix(name)
            else { return nil }
            return (name, sorted[low])
        }
    }

    // MARK: Forms

    private static let quotes = CharacterSet(charactersIn: "\"'`´‘’“”")

    /// Files that other programs name by slide.
    private static let fileEndings: Set = [
        "csv", "geojson", "h5", "hdf5", "json", "npy", "pt", "pth", "safetensors", "xml",
    ]

    /// Without every known ending: `a.svs.h5` is `a`.
    private static func plain(_ name: String) -> String {
        var name = name
        while true {
            if let shorter = SlideExtensions.removed(from: name) {
                name = shorter
            } else if let dot = name.lastIndex(of: "."), dot != name.startIndex,
                fileEndings.contains(name[name.index(after: dot)...].lowercased())
            {
                name = String(name[..<dot])
            } else {
                return name
            }
        }
    }

    /// `without .svs` or `with .svs`.
    static func difference(_ name: String, _ slide: String) -> String {
        let (long, short) = name.count > slide.count ? (name, slide) : (slide, name)
        let ending = long.dropFirst(plain(short).count)
        return long == name ? "without \(ending)" : "with \(ending)"
    }

    private static func folderless(_ name: String) -> String {
        String(name[(name.lastIndex { "/\\".contains($0) }.map { name.index(after: $0) } ?? name.startIndex)...])
    }

    private static func wholeNumber(_ name: String) -> String {
        (name.wholeMatch(of: /(\d+)\.0+/)?.1).map(String.init) ?? name
    }

    /// Of every number in a name, so that `slide_7` is `slide_007`.
    static func withoutZeros(_ name: String) -> String {
        name.replacing(/[0-9]+/) { match in
            let digits = match.0.drop { $0 == "0" }
            return digits.isEmpty ? "0" : digits
        }
    }

    /// Also those that cannot be seen.
    private static func withoutBlanks(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter { !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint }
            )
        )
    }

    /// Wide and narrow letters, ligatures and accents, and the dashes of word processors.
    private static func usual(_ name: String) -> String {
        let dashes = name.precomposedStringWithCompatibilityMapping
            .replacing(/[\u{2010}-\u{2015}\u{2212}\u{FE58}\u{FE63}]/, with: "-")
        return dashes.folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil)
    }

    private static func joined(_ name: String) -> String { name.replacing(/[-_ .+]+/, with: "_") }
}
