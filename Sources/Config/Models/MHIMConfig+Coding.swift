import Records

extension MHIMConfig {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case kind, host, version, consistency, temperature, momentum, merge, activation, hidden, dropout, gated, heads
        case landmarks
        case maskRandom = "mask_random"
        case maskLow = "mask_low"
        case maskHigh = "mask_high"
        case maskHighShare = "mask_high_share"
        case maskHighDecay = "mask_high_decay"
        case classScore = "class_score"
        case attentionLayer = "attention_layer"
        case momentumRise = "momentum_rise"
        case teacherDropout = "teacher_dropout"
        case mergeTokens = "merge_tokens"
        case mergeKeep = "merge_keep"
        case mergeMomentum = "merge_momentum"
        case mergeHeads = "merge_heads"
        case mergeHeadWidth = "merge_head_width"
        case mergeDropout = "merge_dropout"
        case attentionHidden = "attention_hidden"
        case attentionActivation = "attention_activation"
        case attentionDropout = "attention_dropout"
        case start = "init"
    }

    private static let ofVersion2: [CodingKeys] = [
        .classScore, .merge, .mergeTokens, .mergeKeep, .mergeMomentum, .mergeHeads, .mergeHeadWidth, .mergeDropout,
    ]

    /// Keys that the host has not.
    private static func strange(to host: Host) -> [CodingKeys] {
        let transformer: [CodingKeys] = [.attentionLayer, .heads, .landmarks, .attentionDropout]
        return switch host {
        case .abmil: transformer
        case .dsmil: transformer + [.attentionActivation, .gated]
        case .transmil: [.attentionHidden, .attentionActivation, .gated]
        }
    }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        var (host, version) = (Host.abmil, 2)
        try reader.read(.host, into: &host)
        try reader.read(.version, into: &version)
        try ConfigError.check((1...2).contains(version), reader.keyPath(.version), "1 or 2 is wanted")
        self.init(host: host, version: version)
        for key in Self.strange(to: host) {
            try reader.refuse(key, because: "the host \(host.rawValue) has no such key")
        }
        if version == 1 { for key in Self.ofVersion2 { try reader.refuse(key, because: "version 1 has no such key") } }
        try reader.read(.maskRandom, into: &maskRandom)
        try reader.read(.maskLow, into: &maskLow)
        try reader.read(.maskHigh, into: &maskHigh)
        try reader.read(.maskHighShare, into: &maskHighShare)
        try reader.read(.maskHighDecay, into: &maskHighDecay)
        try reader.read(.classScore, into: &classScore)
        try reader.read(.attentionLayer, into: &attentionLayer)
        try reader.read(.consistency, into: &consistency)
        try reader.read(.temperature, into: &temperature)
        try reader.read(.momentum, into: &momentum)
        try reader.read(.momentumRise, into: &momentumRise)
        try reader.read(.teacherDropout, into: &teacherDropout)
        try reader.read(.merge, into: &merge)
        try reader.read(.mergeTokens, into: &mergeTokens)
        try reader.read(.mergeKeep, into: &mergeKeep)
        try reader.read(.mergeMomentum, into: &mergeMomentum)
        try reader.read(.mergeHeads, into: &mergeHeads)
        try reader.read(.mergeHeadWidth, into: &mergeHeadWidth)
        try reader.read(.mergeDropout, into: &mergeDropout)
        try reader.read(.activation, into: &activation)
        try reader.read(.hidden, into: &hidden)
        try reader.read(.dropout, into: &dropout)
        try reader.read(.attentionHidden, into: &attentionHidden)
        try reader.read(.attentionActivation, into: &attentionActivation)
        try reader.read(.gated, into: &gated)
        try reader.read(.heads, into: &heads)
        try reader.read(.landmarks, into: &landmarks)
        try reader.read(.attentionDropout, into: &attentionDropout)
        try reader.read(.start, into: &start)
        try check(reader)
    }

    private func check(_ reader: StrictReader<CodingKeys>) throws {
        func check(_ holds: Bool, _ key: CodingKeys, _ wanted: String) throws {
            try ConfigError.check(holds, reader.keyPath(key), "\(wanted) is wanted")
        }
        for (share, key) in [(maskRandom, CodingKeys.maskRandom), (maskLow, .maskLow), (maskHigh, .maskHigh)] {
            try check((0...1).contains(share), key, "a number from 0 to 1")
        }
        try check(maskHighShare > 0 && maskHighShare <= 1, .maskHighShare, "a number above 0, up to 1,")
        try check((1...2).contains(attentionLayer), .attentionLayer, "1 or 2")
        try check(consistency >= 0 && consistency.isFinite, .consistency, "a number from 0")
        try check(temperature > 0 && temperature.isFinite, .temperature, "a number above 0")
        try check((0...1).contains(momentum), .momentum, "a number from 0 to 1")
        try check((1...1024).contains(mergeTokens), .mergeTokens, "a whole number from 1 to 1024")
        try check((0..<1).contains(mergeKeep), .mergeKeep, "a number from 0 to below 1")
        try check((0...1).contains(mergeMomentum), .mergeMomentum, "a number from 0 to 1")
        try check((1...64).contains(mergeHeads), .mergeHeads, "a whole number from 1 to 64")
        for (width, key) in [
            (hidden, CodingKeys.hidden), (attentionHidden, .attentionHidden), (mergeHeadWidth, .mergeHeadWidth),
        ] { try ConfigError.checkWidth(width, reader.keyPath(key)) }
        try ConfigError.checkWidth(landmarks, reader.keyPath(.landmarks))
        if host == .transmil {
            try ConfigError.checkTransformer(
                hidden: hidden,
                reader.keyPath(.hidden),
                heads: heads,
                reader.keyPath(.heads)
            )
        }
        for (share, key) in [
            (dropout, CodingKeys.dropout), (attentionDropout, .attentionDropout), (mergeDropout, .mergeDropout),
        ] { try ConfigError.checkShare(share, reader.keyPath(key)) }
    }

    /// Writes the keys that host and version have, as `init(from:)` wants them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let absent = Set(Self.strange(to: host) + (version == 1 ? Self.ofVersion2 : []))
        func write(_ value: some Encodable, _ key: CodingKeys) throws {
            if !absent.contains(key) { try container.encode(value, forKey: key) }
        }
        try write(kind, .kind)
        try write(host, .host)
        try write(version, .version)
        try write(maskRandom, .maskRandom)
        try write(maskLow, .maskLow)
        try write(maskHigh, .maskHigh)
        try write(maskHighShare, .maskHighShare)
        try write(maskHighDecay, .maskHighDecay)
        try write(classScore, .classScore)
        try write(attentionLayer, .attentionLayer)
        try write(consistency, .consistency)
        try write(temperature, .temperature)
        try write(momentum, .momentum)
        try write(momentumRise, .momentumRise)
        try write(teacherDropout, .teacherDropout)
        try write(merge, .merge)
        try write(mergeTokens, .mergeTokens)
        try write(mergeKeep, .mergeKeep)
        try write(mergeMomentum, .mergeMomentum)
        try write(mergeHeads, .mergeHeads)
        try write(mergeHeadWidth, .mergeHeadWidth)
        try write(mergeDropout, .mergeDropout)
        try write(activation, .activation)
        try write(hidden, .hidden)
        try write(dropout, .dropout)
        try write(attentionHidden, .attentionHidden)
        try write(attentionActivation, .attentionActivation)
        try write(gated, .gated)
        try write(heads, .heads)
        if let landmarks { try write(landmarks, .landmarks) }
        try write(attentionDropout, .attentionDropout)
        try write(start, .start)
    }
}

extension MHIMConfig.Start {
    enum CodingKeys: String, CodingKey, CaseIterable { case host, student }

    public init(from decoder: any Decoder) throws {
        let reader = try StrictReader(decoder, CodingKeys.self)
        try reader.read(.host, into: &host)
        try reader.read(.student, into: &student)
        try ConfigError.check(
            host || student == nil || student == .random,
            reader.keyPath(.student),
            "without a trained host the student begins at random"
        )
    }
}
