public import Records

/// Which MIL model is trained; the config's section `model`, told apart by its key `kind`.
public enum ModelConfig: Codable, Equatable, Sendable {
    case abmil(ABMILConfig)
    case acmil(ACMILConfig)
    case pooling(PoolingConfig)
    case dsmil(DSMILConfig)
    case transmil(TransMILConfig)
    case mhim(MHIMConfig)
    case clam(CLAMConfig)

    public enum Kind: String, DescribedChoice {
        case abmil, acmil, mean, max, clam, dsmil, transmil, mhim

        public var meaning: String {
            switch self {
            case .abmil: "gated or plain attention"
            case .acmil: "several attention branches, kept apart"
            case .mean, .max: "pooling of the instances' logits"
            case .clam: "attention and clustering of instances"
            case .dsmil: "likeness to the critical instance"
            case .transmil: "a transformer over the bag"
            case .mhim: "a momentum teacher that hides easy instances from its student"
            }
        }
    }

    private enum KindKey: String, CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        let kind: Kind
        do {
            kind = try decoder.container(keyedBy: KindKey.self).decode(Kind.self, forKey: .kind)
        } catch DecodingError.typeMismatch {
            throw ConfigError(path, "an object {…} is wanted here")
        } catch is DecodingError {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigError(path.isEmpty ? "kind" : "\(path).kind", "this key is required; one of \(known)")
        }
        switch kind {
        case .abmil: self = .abmil(try ABMILConfig(from: decoder))
        case .acmil: self = .acmil(try ACMILConfig(from: decoder))
        case .mean, .max: self = .pooling(try PoolingConfig(from: decoder))
        case .dsmil: self = .dsmil(try DSMILConfig(from: decoder))
        case .transmil: self = .transmil(try TransMILConfig(from: decoder))
        case .mhim: self = .mhim(try MHIMConfig(from: decoder))
        case .clam: self = .clam(try CLAMConfig(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws { try section.encode(to: encoder) }

    /// The model's own config.
    var section: any ConfigSection {
        switch self {
        case .abmil(let config): config
        case .acmil(let config): config
        case .pooling(let config): config
        case .dsmil(let config): config
        case .transmil(let config): config
        case .mhim(let config): config
        case .clam(let config): config
        }
    }

    public var kind: Kind {
        switch self {
        case .abmil: .abmil
        case .acmil: .acmil
        case .pooling(let config): config.kind == .mean ? .mean : .max
        case .dsmil: .dsmil
        case .transmil: .transmil
        case .mhim: .mhim
        case .clam: .clam
        }
    }

    /// The same config with every width that follows from the features' width D_in written out.
    public func resolved(featureWidth: Int) -> ModelConfig {
        switch self {
        case .abmil(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .abmil(config)
        case .acmil(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .acmil(config)
        case .pooling(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .pooling(config)
        case .clam(var config):
            config.hidden = config.hidden ?? Self.defaultHidden(featureWidth: featureWidth)
            return .clam(config)
        case .dsmil, .transmil, .mhim: return self
        }
    }

    /// Width D after the first layer: ACMIL's table of encoders (Zhang et al., ECCV 2024), else half, at least 8.
    public static func defaultHidden(featureWidth: Int) -> Int {
        switch featureWidth {
        case 384: 128
        case 512: 256
        case 768: 384
        case 1024: 512
        case 1536: 768
        default: max(8, featureWidth / 2)
        }
    }
}

extension ConfigValues where Value == ModelConfig {
    /// Every model with the words that stand for it.
    public static var model: Self {
        func kind<Section: ConfigSection>(_ kinds: ModelConfig.Kind..., is section: Section.Type) -> ConfigKind {
            ConfigKind(words: kinds.map(\.rawValue), outline: ConfigOutline(section))
        }
        let kinds = [
            kind(.abmil, is: ABMILConfig.self), kind(.acmil, is: ACMILConfig.self),
            kind(.mean, .max, is: PoolingConfig.self), kind(.clam, is: CLAMConfig.self),
            kind(.dsmil, is: DSMILConfig.self), kind(.transmil, is: TransMILConfig.self),
            kind(.mhim, is: MHIMConfig.self),
        ]
        return Self(
            .kinds(tag: "kind", kinds, notes: notes),
            check: { try $0.section.check(at: $1) },
            text: { try $0.section.shown() }
        )
    }
    private static var notes: String {
        let widths = [384, 512, 768, 1024, 1536].map { "`\($0)`: `\(ModelConfig.defaultHidden(featureWidth: $0))`" }
        return
            "Where `hidden` follows from the features' width: \(widths.joined(separator: ", ")); else half of it, at least 8."
    }
}
