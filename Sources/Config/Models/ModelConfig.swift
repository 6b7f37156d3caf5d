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
    case dtfd(DTFDConfig)
    case rrt(RRTConfig)
    case wikg(WiKGConfig)

    public enum Kind: String, DescribedChoice {
        case abmil, acmil, mean, max, clam, dsmil, transmil, mhim, dtfd, rrt, wikg

        public var meaning: String {
            switch self {
            case .abmil: "gated or plain attention"
            case .acmil: "several attention branches, kept apart"
            case .mean, .max: "pooling of the instances' logits"
            case .clam: "attention and clustering of instances"
            case .dsmil: "likeness to the critical instance"
            case .transmil: "a transformer over the bag"
            case .mhim: "a momentum teacher that hides easy instances from its student"
            case .dtfd: "attention in pseudo-bags, and over what is distilled from them"
            case .rrt: "attention behind a transformer of regions that embeds instances anew"
            case .wikg: "a graph of instances, by which each gathers what its neighbours hold"
            }
        }
    }

    enum KindKey: String, CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let path = ConfigError.path(decoder.codingPath)
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
        case .dtfd: self = .dtfd(try DTFDConfig(from: decoder))
        case .rrt: self = .rrt(try RRTConfig(from: decoder))
        case .wikg: self = .wikg(try WiKGConfig(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws { try section.encode(to: encoder) }

    /// The model's own section.
    public var section: any ModelSection {
        switch self {
        case .abmil(let config): config
        case .acmil(let config): config
        case .pooling(let config): config
        case .dsmil(let config): config
        case .transmil(let config): config
        case .mhim(let config): config
        case .clam(let config): config
        case .dtfd(let config): config
        case .rrt(let config): config
        case .wikg(let config): config
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
        case .dtfd: .dtfd
        case .rrt: .rrt
        case .wikg: .wikg
        }
    }

    /// The same config with every width that follows from the features' width D_in written out.
    public func resolved(featureWidth: Int) -> ModelConfig {
        func resolved<Section: ModelSection>(_ section: Section) -> Section {
            var section = section
            section.resolve(featureWidth: featureWidth)
            return section
        }
        switch self {
        case .abmil(let config): return .abmil(resolved(config))
        case .acmil(let config): return .acmil(resolved(config))
        case .pooling(let config): return .pooling(resolved(config))
        case .dsmil(let config): return .dsmil(resolved(config))
        case .transmil(let config): return .transmil(resolved(config))
        case .mhim(let config): return .mhim(resolved(config))
        case .clam(let config): return .clam(resolved(config))
        case .dtfd(let config): return .dtfd(resolved(config))
        case .rrt(let config): return .rrt(resolved(config))
        case .wikg(let config): return .wikg(resolved(config))
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

extension ModelConfig {
    /// A section and the words that stand for it.
    struct Entry {
        var kinds: [Kind]
        var outline: ConfigOutline
        /// With defaults, by what tells their recipes apart; empty where there is one.
        var recipes: [(name: String, section: any ModelSection)]
    }

    /// Every model, in the order of the reference.
    static var entries: [Entry] {
        func entry<Section: ModelSection>(_ kinds: Kind..., of _: Section.Type) -> Entry {
            Entry(
                kinds: kinds,
                outline: ConfigOutline(Section.self),
                recipes: Section.recipes.map { ($0.name, $0.defaults) }
            )
        }
        return [
            entry(.abmil, of: ABMILConfig.self), entry(.acmil, of: ACMILConfig.self),
            entry(.mean, .max, of: PoolingConfig.self), entry(.clam, of: CLAMConfig.self),
            entry(.dsmil, of: DSMILConfig.self), entry(.transmil, of: TransMILConfig.self),
            entry(.mhim, of: MHIMConfig.self), entry(.dtfd, of: DTFDConfig.self), entry(.rrt, of: RRTConfig.self),
            entry(.wikg, of: WiKGConfig.self),
        ]
    }
}

extension ConfigValues where Value == ModelConfig {
    /// Every model with the words that stand for it.
    public static var model: Self {
        let kinds = ModelConfig.entries.map { ConfigKind(words: $0.kinds.map(\.rawValue), outline: $0.outline) }
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
