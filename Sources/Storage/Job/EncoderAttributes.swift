public import Records

/// What the root of a file says of the encoder beside its name, under names that are written and read here alone.
extension PatchFacts.Encoder {
    private enum Attribute: String, CaseIterable {
        case digest = "wsi_encoder_digest"
        case licence = "wsi_encoder_licence"
        case preprocessing = "wsi_encoder_preprocessing"

        var place: WritableKeyPath<PatchFacts.Encoder, String?> {
            switch self {
            case .digest: \.digest
            case .licence: \.licence
            case .preprocessing: \.preprocessing
            }
        }
    }

    /// What is known, as texts of the root.
    public var attributes: [String: String] {
        let texts = Attribute.allCases.compactMap { attribute in
            self[keyPath: attribute.place].map { (attribute.rawValue, $0) }
        }
        return Dictionary(uniqueKeysWithValues: texts)
    }

    /// - Parameter text: of the root, by its name; nil where it is not there.
    public init(name: String?, text: (String) throws -> String?) rethrows {
        self.init(name: name)
        for attribute in Attribute.allCases { self[keyPath: attribute.place] = try text(attribute.rawValue) }
    }
}
