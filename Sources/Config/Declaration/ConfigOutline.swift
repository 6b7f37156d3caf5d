/// The declaration of a section, whatever its type: what the reference and the schema are made of.
public struct ConfigOutline: Sendable {
    struct Entry: Sendable {
        let key: String
        let shape: ConfigShape
        let words: String
        let isRequired: Bool
        let absent: String?
        let conditions: [ConfigConditionShape]
        let source: String?
        let since: String
        let flags: [ConfigFlag]
        /// One for each variant of the section; nil for those that have no such key, or no value for it.
        let defaults: [String?]
    }

    let words: String
    let notes: String
    let rules: [String]
    /// Their names.
    let variants: [String]
    let entries: [Entry]

    public init<Section: ConfigSection>(_: Section.Type) {
        (words, notes, rules) = (Section.words, Section.notes, Section.rules.map(\.words))
        let variants = Section.variants
        self.variants = variants.map(\.name)
        let tags = Set(Section.fields.flatMap { $0.conditions.compactMap(\.shape.tag) })
        entries = Section.fields.map { field in
            Entry(
                key: field.key.stringValue,
                shape: field.shape,
                words: field.words,
                isRequired: field.isRequired,
                absent: field.absent,
                conditions: field.conditions.map(\.shape),
                source: field.source ?? Section.source,
                since: field.since,
                flags: field.flags,
                // The variants are those of such keys.
                defaults: variants.map {
                    Self.defaultText(field, tags.contains(field.key.stringValue) ? Section() : $0.defaults)
                }
            )
        }
    }

    private static func defaultText<Section>(_ field: ConfigField<Section>, _ section: Section) -> String? {
        let isThere = field.conditions.allSatisfy { !$0.isOfKind || $0.refusal(section) == nil }
        guard isThere, field.hasDefault, case .value(let text)? = try? field.text(section), text != "null" else {
            return nil
        }
        return text
    }

    /// The flags that set keys, with the keys' paths, in the order of the reference.
    public var flags: [(flag: ConfigFlag, key: String)] { flags(below: "") }

    private func flags(below path: String) -> [(flag: ConfigFlag, key: String)] {
        entries.flatMap { entry in
            let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            let own = entry.flags.map { (flag: $0, key: key) }
            if case .section(let outline) = entry.shape { return own + outline.flags(below: key) }
            return own
        }
    }
}
