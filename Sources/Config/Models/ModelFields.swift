public import Records

/// What follows a layer.
public enum Activation: String, DescribedChoice {
    case relu, gelu

    public var meaning: String {
        switch self {
        case .relu: "max(0, x)"
        case .gelu: "the exact GELU, by the error function"
        }
    }
}

/// What may follow the hidden layer of an attention.
public enum AttentionActivation: String, DescribedChoice {
    case relu, gelu, tanh

    public var meaning: String {
        switch self {
        case .relu, .gelu: Activation(rawValue: rawValue)?.meaning ?? ""
        case .tanh: "the hyperbolic tangent"
        }
    }
}

extension ConfigValues where Value == Int {
    /// A layer's.
    static var width: Self { whole(1...16_384) }
}

extension ConfigValues where Value == Double {
    /// A share of dropped features that leaves some.
    static var dropout: Self { number(0..<1) }
}

// Keys that several models have.
extension ConfigField {
    static func kind(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, ModelConfig.Kind> & Sendable,
        _ kind: ModelConfig.Kind
    ) -> Self { Self(key, place, .choice([kind]), "Names this model.", isRequired: true, rulesOthers: true) }

    static func hidden(_ key: Section.CodingKeys, _ place: any WritableKeyPath<Section, Int?> & Sendable) -> Self {
        Self(key, place, .width, "Width D after the first layer.", absent: "from the features' width")
    }

    static func attentionHidden(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, Int> & Sendable,
        _ words: String = "Width of the attention's hidden layer.",
        when conditions: [ConfigCondition<Section>] = []
    ) -> Self { Self(key, place, .width, words, when: conditions) }

    static func landmarks(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, Int?> & Sendable,
        when conditions: [ConfigCondition<Section>] = []
    ) -> Self {
        Self(key, place, .width, "Landmarks of the Nyström approximation.", absent: "D/2", when: conditions)
    }

    static func attentionDropout(
        _ key: Section.CodingKeys,
        _ place: any WritableKeyPath<Section, Double> & Sendable,
        when conditions: [ConfigCondition<Section>] = []
    ) -> Self {
        Self(
            key,
            place,
            .dropout,
            "Share of an attention layer's output set to zero in training.",
            when: conditions
        )
    }
}
